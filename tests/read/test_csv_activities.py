"""What a Garmin Connect activity list means, in every language it comes in."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from retrowalk.errors import ExportError
from retrowalk.read.csv import dialect_of, reading_from_csv
from retrowalk.read.reading import Reading
from tests.builders_csv import GARMIN_HEADER, garmin_csv, garmin_row


def read(
    data: bytes, time_zone: str | None = "Europe/Berlin", distance_unit: str | None = None
) -> Reading:
    return reading_from_csv(data, time_zone=time_zone, distance_unit=distance_unit)


def refusal(data: bytes, **settings: str | None) -> ExportError:
    with pytest.raises(ExportError) as refused:
        read(data, **settings)
    return refused.value


def test_a_row_becomes_a_workout_with_one_record_of_averages() -> None:
    reading = read(garmin_csv(garmin_row()))
    start = datetime(2025, 7, 10, 13, 40, 46, tzinfo=UTC)
    workout = reading.workouts.row(0, named=True)
    assert reading.dialect == "garmin_activities"
    assert {key: value for key, value in workout.items() if value is not None} == {
        "workout_n": 0, "started_at_utc": start, "ended_at_utc": start + timedelta(minutes=52),
        "sport": "walking", "writer": "garmin_activities", "grain": "workout",
        "cadence_unit": "steps", "total_steps_n": 4000.0, "timer_s": 3000.0,
        "total_distance_m": 3000.0, "placement": "unknown", "records_set_aside_n": 0,
    }  # fmt: skip
    record = reading.records.row(0, named=True)
    assert {key: value for key, value in record.items() if value is not None} == {
        "workout_n": 0, "recorded_at_utc": start, "speed_mps": 1.0, "cadence_per_min": 80.0,
        "heart_rate_bpm": 104.0,
    }  # fmt: skip
    assert reading.marks.to_dicts() == [
        {
            "workout_n": 0, "source": "session_name", "started_at_utc": start,
            "ended_at_utc": start + timedelta(minutes=52), "text": "Evening walk",
            "direction": None, "grade_fraction": None,
        }
    ]  # fmt: skip


#: Header starts as Garmin Connect writes them, and a row's words for a walk.
LANGUAGES = {
    "en": (GARMIN_HEADER, "Walking"),
    "en_old": (
        GARMIN_HEADER.replace("Total Ascent,Total Descent", "Elev Gain,Elev Loss"),
        "Walking",
    ),
    "en_cycling_first": (
        GARMIN_HEADER.replace("Avg Pace,Best Pace", "Avg Speed,Max Speed"),
        "Casual Walking",
    ),
    "de": (
        (
            "Aktivitätstyp,Datum,Favorit,Titel,Distanz,Kalorien,Zeit,Ø Herzfrequenz,"
            "Maximale Herzfrequenz,Aerober TE,Ø Schrittfrequenz (Laufen),"
            "Max. Schrittfrequenz (Laufen),Ø Pace,Beste Pace,Anstieg gesamt,Abstieg gesamt,"
            "Ø Schrittlänge,Schritte,Zeit in Bewegung,Verstrichene Zeit,Minimale Höhe,Maximale Höhe"
        ),
        "Gehen",
    ),
    "da": (
        (
            "Aktivitetstype,Dato,Favorit,Titel,Distance,Kalorier,Tid,Gennemsnitlig puls,Maks. puls,"
            "Aerob TE,Gennemsnit kadence løb,Maksimum kadence løb,Gennemsnitstempo,Bedste tempo,"
            "Højdeforøgelse,Højdereduktion,Gennemsnitlig skridtlængde,Skridt,Bevægelsestid,"
            "Forløbet tid,Minimumhøjde,Maksimumhøjde"
        ),
        "Gang",
    ),
    "pl": (
        (
            "Typ aktywności,Data,Ulubiony,Tytuł,Dystans,Kalorie,Czas,Średnie tętno,"
            "Maksymalne tętno,Aerobowy TE,Średni rytm biegu,Maksymalny rytm biegu,Średnie tempo,"
            "Najlepsze tempo,Całkowity wznios,Całkowity spadek,Średnia długość kroku,Kroki,"
            "Czas ruchu,Upłynęło czasu,Minimalna wysokość,Maksymalna wysokość"
        ),
        "Chodzenie",
    ),
    "es": (
        (
            "Tipo de actividad,Fecha,Favorito,Título,Distancia,Calorías,Tiempo,"
            "Frecuencia cardiaca media,FC máxima,TE aeróbico,Cadencia de carrera media,"
            "Cadencia de carrera máxima,Ritmo medio,Ritmo óptimo,Ascenso total,Descenso total,"
            "Longitud media de zancada,Pasos,Tiempo en movimiento,Tiempo transcurrido,"
            "Altura mínima,Altura máxima"
        ),
        "Caminar",
    ),
    "pt": (
        (
            "Tipo de atividade,Data,Favorito,Título,Distância,Calorias,Tempo,FC Média,FC máxima,"
            "Training Effect Aeróbico,Cadência de corrida média,Cadência de corrida máxima,"
            "Velocidade média,Velocidade máxima,Subida total,Descida total,"
            "Comprimento médio da passada,Passos,Tempo em movimento,Duração,Elevação mínima,"
            "Elevação máxima"
        ),
        "Caminhada",
    ),
    "hu": (
        (
            "Tevékenység típusa,Dátum,Kedvenc,Cím,Távolság,Kalóriaszám,Idő,Átlagos pulzusszám,"
            "Max. pulzus,Aerob TE,Átl. pedálütem,Max. pedálütem,Átlagos tempó,Legjobb tempó,"
            "Összes emelkedés,Összes ereszkedés,Átlagos lépéshossz,Lépések,Menetidő,Eltelt idő,"
            "Minimális magasság,Maximális magasság"
        ),
        "Gyaloglás",
    ),
    "fr": (
        (
            "Type d'activité,Date,Favori,Titre,Distance,Calories,Durée,Fréquence cardiaque moyenne,"
            "Fréquence cardiaque maximale,TE aérobie,Cadence de course moyenne,"
            "Cadence de course maximale,Allure moyenne,Meilleure allure,Ascension totale,"
            "Descente totale,Longueur moyenne des foulées,Pas,Temps de déplacement,Temps écoulé,"
            "Altitude minimale,Altitude maximale"
        ),
        "Marche à pied",
    ),
    "it": (
        (
            "Tipo di attività,Data,Preferita,Titolo,Distanza,Calorie,Tempo,FC Media,FC max,"
            "TE attività aerobica,Cadenza di corsa media,Cadenza di corsa max,Passo medio,"
            "Passo migliore,Ascesa totale,Discesa totale,Lunghezza media passo,Passi,"
            "Tempo in movimento,Tempo trascorso,Quota minima,Quota massima"
        ),
        "Camminata",
    ),
    "nl": (
        (
            "Activiteittype,Datum,Favoriet,Titel,Afstand,Calorieën,Tijd,Gem. HS,Max HS,Aeroob TE,"
            "Gemiddelde fietscadans,Max. fietscadans,Gemiddelde snelheid,Max. snelheid,"
            "Totale stijging,Totale daling,Gem. staplengte,Stappen,Tijd bewogen,Verstreken tijd,"
            "Minimum hoogte,Maximum hoogte"
        ),
        "Wandelen",
    ),
    "sv": (
        (
            "Aktivitetstyp,Datum,Favorit,Titel,Distans,Kalorier,Tid,Medelpuls,Maxpuls,Aerob TE,"
            "Genomsnittlig löpkadens,Maximal löpkadens,Medeltempo,Bästa tempo,Total stigning,"
            "Totalt nedför,Genomsnittlig steglängd,Steg,Tid i rörelse,Förfluten tid,Minsta höjd,"
            "Högsta höjd"
        ),
        "Promenad",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language: str) -> None:
    header, walk = LANGUAGES[language]
    english = read(garmin_csv(garmin_row()))
    reading = read(garmin_csv(garmin_row(Activity_Type=walk), header=header))
    assert reading.dialect == "garmin_activities"
    assert reading.records.equals(english.records)
    assert reading.marks.equals(english.marks)
    left_out = ["sub_sport", "cadence_unit"]
    assert reading.workouts.drop(left_out).equals(english.workouts.drop(left_out))


@pytest.mark.parametrize("language", ["hu", "nl", "pt"])
def test_a_cadence_under_a_cycling_name_is_of_unknown_unit(language: str) -> None:
    header, walk = LANGUAGES[language]
    reading = read(garmin_csv(garmin_row(Activity_Type=walk), header=header))
    assert reading.workouts["cadence_unit"][0] == "unknown"


def test_the_french_list_of_2014_is_read() -> None:
    data = (
        "Type,date,Temps,Distance,Gain_altitude,Perte_altitude,Vitesse_moy,Vitesse_max,Calories\n"
        'Course à pied,"lun., 30 juin 2014 7:03",50:00,"7,5",20,21,"9,0","12,1",410\n'
        'Marche à pied,"mar., 1 juil. 2014 18:30",1:00:00,"4,25",20,21,"4,25","6,1",210\n'
    ).encode()
    reading = read(data, "Europe/Paris", "km")
    assert reading.workouts["sport"].to_list() == ["running", "walking"]
    assert reading.workouts["started_at_utc"].to_list() == [
        datetime(2014, 6, 30, 5, 3, tzinfo=UTC),
        datetime(2014, 7, 1, 16, 30, tzinfo=UTC),
    ]
    assert reading.workouts["total_distance_m"].to_list() == [7500.0, 4250.0]
    # 7.5 km in 50 min; 4.25 km in an hour.
    assert reading.records["speed_mps"].to_list() == pytest.approx([2.5, 4250 / 3600])


def test_missing_cells_are_null_and_never_zero() -> None:
    missing = dict.fromkeys(
        ["Distance", "Avg_HR", "Avg_Run_Cadence", "Avg_Pace", "Avg_Stride_Length", "Steps"], "--"
    )
    zero = dict.fromkeys(missing, "0.0")
    reading = read(garmin_csv(garmin_row(**missing), garmin_row(**zero)))
    columns = ["speed_mps", "cadence_per_min", "heart_rate_bpm"]
    assert reading.records.select(columns).rows() == [(None, None, None)] * 2
    assert reading.workouts.select("total_distance_m", "total_steps_n").rows() == [(None, None)] * 2
    assert reading.reason_code == "ok"


def test_a_decimal_comma_is_told_by_the_rows() -> None:
    reading = read(
        garmin_csv(
            garmin_row(Distance="3,00", Avg_Stride_Length="0,75", Steps="4000"),
            garmin_row(Distance="4,14", Avg_Stride_Length="0,75", Steps="5.520"),
        )
    )
    assert reading.workouts["total_distance_m"].to_list() == [3000.0, 4140.0]
    assert reading.workouts["total_steps_n"].to_list() == [4000.0, 5520.0]


def test_four_digits_before_a_comma_are_not_grouped_so_it_is_a_decimal_one() -> None:
    row = garmin_row(
        Distance="1234,567", Avg_Stride_Length="--", Steps="--", Aerobic_TE="2", Avg_Pace="--"
    )
    reading = read(garmin_csv(row), distance_unit="km")
    assert reading.workouts["total_distance_m"].to_list() == [pytest.approx(1_234_567.0)]


def test_steps_alone_tell_a_thousands_comma() -> None:
    row = garmin_row(
        Distance="3", Avg_Stride_Length="--", Steps="4,020", Aerobic_TE="2", Avg_Pace="--"
    )
    reading = read(garmin_csv(row), distance_unit="km")
    assert reading.workouts["total_steps_n"].to_list() == [4020.0]
    assert reading.workouts["total_distance_m"].to_list() == [3000.0]


def test_signs_that_contradict_each_other_are_refused_with_their_lines() -> None:
    error = refusal(
        garmin_csv(garmin_row(Distance="3,5", Steps="--"), garmin_row(Distance="4.5", Steps="--"))
    )
    assert error.reason_code == "undecidable_units"
    assert "Distance '3,5' in line 2 against" in error.reason
    assert "Distance '4.5' in line 3" in error.reason


def test_a_sign_that_nothing_explains_is_refused_with_its_line() -> None:
    row = garmin_row(Distance="3,500", Avg_Stride_Length="--", Steps="--", Avg_Pace="--")
    error = refusal(garmin_csv(row), distance_unit="km")
    assert error.reason_code == "undecidable_units"
    assert "Distance '3,500' in line 2" in error.reason


def test_miles_are_told_by_step_length_times_steps() -> None:
    # 2.49 miles are 4007 m, and 5312 steps of 0.77 m are 4090 m.
    row = garmin_row(
        Distance="2.49", Time="00:44:17", Moving_Time="00:44:07", Avg_Pace="17:46",
        Avg_Stride_Length="0.77", Steps="5,312",
    )  # fmt: skip
    reading = read(garmin_csv(row), distance_unit="km")
    assert reading.workouts["total_distance_m"][0] == pytest.approx(2.49 * 1609.344)
    assert reading.traps == (
        "Distances are in mi by 1 of 1 rows that tell, against the setting km.",
    )


def test_a_pace_in_the_other_unit_tells_the_unit_of_distance() -> None:
    # 3 miles in 48:17 are 16:05.7 a mile and 10:00 a kilometre.
    row = garmin_row(
        Distance="3.00", Time="00:48:17", Moving_Time="00:48:17", Avg_Pace="10:00",
        Avg_Stride_Length="--", Steps="--",
    )  # fmt: skip
    assert read(garmin_csv(row)).workouts["total_distance_m"][0] == pytest.approx(4828.032)


def test_the_participants_setting_decides_where_no_row_tells() -> None:
    row = garmin_row(Avg_Stride_Length="--", Steps="--")
    kilometres = read(garmin_csv(row), distance_unit="km")
    miles = read(garmin_csv(row), distance_unit="mi")
    assert kilometres.workouts["total_distance_m"][0] == 3000.0
    assert miles.workouts["total_distance_m"][0] == pytest.approx(4828.032)
    assert "by the participant's setting" in miles.traps[0]


def test_a_distance_of_unknown_unit_is_refused() -> None:
    # 16:40 x 3.00 = 50:00 holds for kilometres and for miles alike.
    error = refusal(garmin_csv(garmin_row(Avg_Stride_Length="--", Steps="--")))
    assert error.reason_code == "undecidable_units"
    assert "lines 2 have a distance" in error.reason
    assert "participants.csv" in error.reason


def test_rows_that_contradict_each_other_on_the_unit_leave_it_to_the_setting() -> None:
    rows = (garmin_row(), garmin_row(Distance="1.864"))
    assert refusal(garmin_csv(*rows)).reason_code == "undecidable_units"
    reading = read(garmin_csv(*rows), distance_unit="km")
    assert reading.workouts["total_distance_m"].to_list() == [3000.0, 1864.0]


def test_one_row_in_five_may_contradict_the_others_on_the_unit_and_no_more() -> None:
    # 1.864 miles are the 3,000 m that 4,000 steps of 0.75 m make.
    km, mi = garmin_row(), garmin_row(Distance="1.864")
    told = read(garmin_csv(km, km, km, km, mi), distance_unit="mi")
    assert told.workouts["total_distance_m"][0] == 3000.0
    assert "Distances are in km by 4 of 5 rows that tell, against the setting mi." in told.traps
    assert refusal(garmin_csv(km, km, km, mi)).reason_code == "undecidable_units"


def test_steps_that_fit_neither_unit_do_not_tell_it() -> None:
    # 5,200 steps of 0.75 m are 3,900 m: 1.30 of 3 km and 0.81 of 3 miles.
    error = refusal(garmin_csv(garmin_row(Steps="5,200")))
    assert error.reason_code == "undecidable_units"


def test_a_swim_in_metres_takes_no_part_in_the_decision() -> None:
    swim = garmin_row(
        Activity_Type="Pool Swimming", Distance="1,500", Avg_Pace="2:21", Steps="--",
        Avg_Stride_Length="--", Title="",
    )  # fmt: skip
    reading = read(garmin_csv(garmin_row(), swim))
    assert reading.workouts["sport"].to_list() == ["walking", "swimming"]
    assert reading.workouts["total_distance_m"].to_list() == [3000.0, None]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"Time": "-00:50:00"}, "column 'Time' holds '-00:50:00', not a length of time"),
        ({"Time": "-3000"}, "column 'Time' holds '-3000', not a length of time"),
        ({"Time": "=1+1"}, "column 'Time' holds '=1+1', not a length of time"),
        ({"Moving_Time": "soon"}, "column 'Moving Time' holds 'soon', not a length of time"),
        ({"Avg_Pace": "brisk"}, "column 'Avg Pace' holds 'brisk', not a pace or a speed"),
    ],
)
def test_a_duration_that_cannot_be_read_is_named_where_another_column_stands_in(
    cells: dict[str, str], words: str
) -> None:
    reading = read(garmin_csv(garmin_row(**cells)))
    assert reading.workouts["timer_s"].to_list() == [3_000]  # 00:50:00 of the other column
    assert reading.reason_code == "rows_set_aside"
    assert f"1 cell left out: line 2, {words}" in reading.reason


def test_a_row_set_aside_for_its_duration_shows_what_stands_there() -> None:
    bare = dict.fromkeys(("Moving_Time", "Elapsed_Time"), "--")
    reading = read(garmin_csv(garmin_row(), garmin_row(Time="soon", **bare)))
    assert "1 row set aside: line 3, column 'Time' holds 'soon', not a duration" in reading.reason
    assert reading.reason.count("'soon'") == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("00:35:26", 2126.0), ("00:08:02.2", 482.2), ("20:46", 1246.0), ("1:00:00", 3600.0),
        ("30:48:00", 1848.0),
    ],
)  # fmt: skip
def test_durations_are_read_as_they_come(written: str, seconds: float) -> None:
    row = garmin_row(Time=written, Moving_Time="--", Elapsed_Time="--", Avg_Pace="--")
    reading = read(garmin_csv(row))
    assert reading.workouts["timer_s"].to_list() == pytest.approx([seconds])


def test_a_spreadsheets_hours_are_minutes_where_the_pace_says_so() -> None:
    # 3.00 km at 6:55 a km are 20:45, so 20:46:00 is 20 min 46 s.
    row = garmin_row(Time="20:46:00", Moving_Time="--", Elapsed_Time="--", Avg_Pace="6:55")
    assert read(garmin_csv(row)).workouts["timer_s"].to_list() == [1246.0]


def test_a_moving_time_that_missed_slow_walking_does_not_count() -> None:
    reading = read(garmin_csv(garmin_row(Moving_Time="00:04:00")))
    assert reading.workouts["timer_s"].to_list() == [3000.0]
    fair = read(garmin_csv(garmin_row(Moving_Time="00:40:00")))
    assert fair.workouts["timer_s"].to_list() == [2400.0]
    assert fair.records["speed_mps"].to_list() == [1.25]


def test_dates_of_a_spreadsheet_are_told_by_the_rows() -> None:
    day_first = garmin_csv(garmin_row(Date="12/11/20 11:59"), garmin_row(Date="13/11/20 11:59"))
    starts = read(day_first, "UTC").workouts["started_at_utc"].to_list()
    assert [start.date().isoformat() for start in starts] == ["2020-11-12", "2020-11-13"]
    month_first = garmin_csv(garmin_row(Date="12/11/20 11:59"), garmin_row(Date="12/13/20 11:59"))
    starts = read(month_first, "UTC").workouts["started_at_utc"].to_list()
    assert [start.date().isoformat() for start in starts] == ["2020-12-11", "2020-12-13"]


def test_a_date_that_can_be_read_two_ways_is_refused() -> None:
    error = refusal(garmin_csv(garmin_row(Date="12/11/20 11:59")))
    assert error.reason_code == "undecidable_units"
    assert "'12/11/20 11:59'" in error.reason


def test_the_order_of_a_list_tells_day_from_month() -> None:
    # Newest first: 3 December, 2 December, 5 November day-first; month-first jumps about.
    rows = [
        garmin_row(Date=date) for date in ("03/12/20 10:00", "02/12/20 10:00", "05/11/20 10:00")
    ]
    starts = read(garmin_csv(*rows), "UTC").workouts["started_at_utc"].to_list()
    assert [start.date().isoformat() for start in starts] == [
        "2020-12-03", "2020-12-02", "2020-11-05",
    ]  # fmt: skip


def test_the_order_of_a_list_also_tells_the_month_before_the_day() -> None:
    # Newest first only as 12 March, 10 March, 11 February; else it were 3 December, October, November.
    days = ("03/12/20 08:00", "03/10/20 08:00", "02/11/20 08:00")
    starts = read(garmin_csv(*(garmin_row(Date=day) for day in days)), "UTC").workouts
    assert [start.date().isoformat() for start in starts["started_at_utc"]] == [
        "2020-03-12", "2020-03-10", "2020-02-11",
    ]  # fmt: skip


def test_an_hour_that_came_twice_is_the_first_and_said() -> None:
    reading = read(garmin_csv(garmin_row(Date="2025-10-26 02:30:00")))
    assert reading.workouts["started_at_utc"][0] == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert any("the clock repeats" in trap for trap in reading.traps)


def test_without_a_time_zone_times_are_utc_and_said() -> None:
    reading = read(garmin_csv(garmin_row()), None)
    assert reading.workouts["started_at_utc"][0] == datetime(2025, 7, 10, 15, 40, 46, tzinfo=UTC)
    assert reading.workouts["file_utc_offset_s"][0] is None
    assert any("read as UTC" in trap for trap in reading.traps)


def test_a_row_without_a_start_or_a_duration_is_set_aside_and_named() -> None:
    none = dict.fromkeys(["Time", "Moving_Time", "Elapsed_Time"], "--")
    reading = read(garmin_csv(garmin_row(), garmin_row(Date="soon"), garmin_row(**none)))
    assert reading.workouts.height == 1
    assert reading.workouts["records_set_aside_n"].to_list() == [2]
    assert reading.reason == (
        "Read 1 of 3 rows. 1 row set aside: line 3, column 'Date' holds 'soon', not a usable time; "
        "1 row set aside: line 4, column 'Time' holds nothing, not a duration. "
        "Distances are in km by 1 of 1 rows that tell."
    )
    assert reading.recovered_fraction == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("word", "sport", "sub_sport"),
    [
        ("Walking", "walking", None),
        ("Hiking", "hiking", None),
        ("Treadmill Running", "running", "treadmill"),
        ("Indoor Walking", "walking", "indoor_walking"),
        ("Laufbandtraining", "running", "treadmill"),
        ("Radfahren", "cycling", None),
        ("Kanopolo", "kanopolo", None),
        ("Treadmill", None, "treadmill"),
    ],
)
def test_sports_get_fits_words_and_unknown_ones_stay(
    word: str, sport: str | None, sub_sport: str | None
) -> None:
    workout = read(garmin_csv(garmin_row(Activity_Type=word))).workouts.row(0, named=True)
    assert (workout["sport"], workout["sub_sport"]) == (sport, sub_sport)


def test_a_list_with_a_header_and_no_row_says_so() -> None:
    error = refusal(garmin_csv())
    assert error.reason_code == "no_timestamps"
    assert "no row below" in error.reason


def test_a_row_number_in_front_changes_nothing() -> None:
    rows = [garmin_row(), garmin_row(Date="2025-07-11 15:40:46")]
    plain = read(garmin_csv(*rows))
    named = garmin_csv(
        *[f'"{n}",{row}' for n, row in enumerate(rows, 1)], header=f'"",{GARMIN_HEADER}'
    )
    unnamed = garmin_csv(*[f"{n},{row}" for n, row in enumerate(rows, 1)])
    for data in (named, unnamed):
        assert dialect_of(data) == "garmin_activities"
        assert read(data).workouts.equals(plain.workouts)


def test_a_title_is_kept_as_written() -> None:
    title = "=cmd|' /C calc'!A0"
    assert read(garmin_csv(garmin_row(Title=title))).marks["text"].to_list() == [title]
    assert read(garmin_csv(garmin_row(Title=""))).marks.filter(pl.col("text") == "").is_empty()


def test_totals_below_zero_are_left_out_and_named() -> None:
    reading = read(garmin_csv(garmin_row(), garmin_row(Distance="-3.00")))
    assert reading.workouts["total_distance_m"].to_list() == [3000.0, None]
    assert "line 3, column 'Distance' holds '-3.0', not a number from 0 up" in reading.reason


def test_a_list_of_nothing_but_blank_lines_is_no_crash() -> None:
    with pytest.raises(ExportError):
        read(b"\x0b\n" * 5)
