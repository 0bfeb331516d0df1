"""Settings: one TOML file, or environment variables, or neither.

Nothing in the rooms reads settings; the shell hands the values in as arguments.
"""

import datetime as dt
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from retrowalk.errors import SettingsError

_FILE_VARIABLE = "RETROWALK_SETTINGS"
_FILE_NAME = "retrowalk.toml"


class Settings(BaseSettings):
    """Every setting, its default and what changes with it.

    Read from ``retrowalk.toml`` in the working directory (or the file that the environment
    variable ``RETROWALK_SETTINGS`` names); ``RETROWALK_<NAME>`` in the environment wins.
    """

    model_config = SettingsConfigDict(
        env_prefix="RETROWALK_", extra="forbid", frozen=True, toml_file=_FILE_NAME
    )

    home: Path = Field(Path("data"), description="Folder that holds everything below.")
    inbox: Path | None = Field(None, description="Exports; default `<home>/inbox`.")
    registry: Path | None = Field(None, description="Registry; default `<home>/registry`.")
    lake: str | None = Field(
        None, description="Tables, a folder or an object-store URL; default `<home>/lake`."
    )
    compendium_edition: Literal["2011", "2024"] = Field(
        "2024", description="Edition of the Compendium that energy rests on; never mixed."
    )
    forward_method: Literal[
        "compendium",
        "acsm",
        "lcda",
        "ludlow_weyand_2017",
        "ludlow_weyand_2016",
        "minetti",
        "pandolf",
    ] = Field("compendium", description="How forward walking is estimated.")
    resting_method: Literal["mifflin", "harris_benedict"] = Field(
        "mifflin", description="Resting rate behind the corrected METs."
    )
    decide_at_probability: float = Field(
        0.9,
        gt=0.5,
        lt=1.0,
        description="Probability from which a direction is stated; higher leaves more unknown.",
    )
    keep_positions: bool = Field(
        False,  # noqa: FBT003
        description="Whether records keep latitude and longitude; else metres from the start only.",
    )
    keep_detail_weeks: int | None = Field(
        None,
        ge=1,
        description="Weeks for which records, marks, motion and windows are kept; default for ever.",
    )
    first_week: dt.date = Field(
        dt.date(2010, 1, 4), description="Monday of the first week that can be scored."
    )
    nightly_time_zone: str = Field("UTC", description="Zone of the nightly run at 02:30.")
    batch_records_n: int = Field(
        2_000_000, ge=1, description="Records in memory at once; changes speed, never a result."
    )

    @field_validator("first_week")
    @classmethod
    def _is_monday(cls, value: dt.date) -> dt.date:
        if value.weekday() != 0:
            message = f"{value} is a {value:%A}; weeks begin on Monday"
            raise ValueError(message)
        return value

    @field_validator("nightly_time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            message = f"'{value}' is no IANA time zone such as Europe/Berlin"
            raise ValueError(message)
        return str(ZoneInfo(value))

    @property
    def inbox_dir(self) -> Path:
        """Where exports arrive."""
        return self.inbox or self.home / "inbox"

    @property
    def registry_dir(self) -> Path:
        """Where the registry lies."""
        return self.registry or self.home / "registry"

    @property
    def lake_root(self) -> str:
        """Where the tables lie."""
        return self.lake or str(self.home / "lake")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        path = Path(os.environ.get(_FILE_VARIABLE, _FILE_NAME))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)


def load_settings(**given: Any) -> Settings:
    """Reads the settings; what is given wins over environment and file.

    Raises:
        SettingsError: A value is not allowed, a name is unknown, or the file is no TOML.
    """
    named = os.environ.get(_FILE_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsError(f"{_FILE_VARIABLE} names '{named}', which is no file.")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = [
            f"  {'.'.join(map(str, problem['loc']))}: {problem['msg']} (found {problem['input']!r})"
            for problem in error.errors()
        ]
        raise SettingsError("\n".join(["Settings cannot be used:", *problems])) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{named or _FILE_NAME} is no TOML: {error}") from error
