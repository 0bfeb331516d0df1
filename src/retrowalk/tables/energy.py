"""Table ``energy``: what each segment cost, by which method, and how sure."""

import dataframely as dy

from retrowalk.tables import columns as c

#: Why a value of energy is null.
ENERGY_REASON_CODES = (
    "ok",
    "body_mass_unknown",
    "speed_unknown",
    "height_unknown",
    "not_estimated",
)
#: Whose MET a value is. `adult_for_older`: 60 or over, but no row for that age; the adult cost.
AGE_CONVENTIONS = ("adult", "older_adult", "adult_for_older", "adult_age_unknown")


class Energy(dy.Schema):
    """One row per segment; null with a reason where it cannot be estimated."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    segment_n = c.count("Number of the segment within its workout.", primary_key=True)
    method = c.text(
        "Name of the method in rules/energy.toml; null where none applies.", nullable=True
    )
    compendium_edition = c.text("Edition of the Compendium in force: 2011 or 2024.")
    compendium_code = c.text("Code of the row, where a row of the table was used.", nullable=True)
    is_extrapolated = c.truth("Whether speed or grade lies outside what the method was fitted on.")
    is_modelled = c.truth("Whether an equation gave the value and not a row of the Compendium.")
    is_level_assumed = c.truth(
        "Whether level was taken because the grade is not known; the interval reaches uphill then."
    )
    age_convention = dy.Enum(
        AGE_CONVENTIONS,
        description="Whether a row for adults or one for people of 60 and over gave the value.",
    )
    met_gross = c.number(
        "Gross metabolic equivalent of 3.5 mL/kg/min, also where a row counts in 2.7.", min=0.0
    )
    met_gross_low = c.number("Lower end of its interval.", min=0.0)
    met_gross_high = c.number("Upper end of its interval.", min=0.0)
    energy_gross_met_min = c.number("Gross MET times minutes.", min=0.0)
    energy_gross_kcal = c.number("Gross energy: MET x 3.5 x kg / 200 per minute.", min=0.0)
    energy_net_kcal = c.number(
        "Gross energy minus rest: 1 MET; 2.7 mL/kg/min where a row counts in that."
    )
    energy_gross_low_kcal = c.number("Lower end of the interval of gross energy.", min=0.0)
    energy_gross_high_kcal = c.number("Upper end of the interval of gross energy.", min=0.0)
    forward_met_gross = c.number(
        "What walking forward costs under the conditions that the value stands for: the same speed "
        "and grade, or those of the row of the Compendium that was used. Null where not walking.",
        min=0.0,
    )
    forward_energy_gross_kcal = c.number("The same as energy over the same minutes.", min=0.0)
    extra_over_forward_kcal = c.number(
        "Gross energy minus that of walking forward; 0 for forward walking, null where direction is unknown."
    )
    gross_corrected_met = c.number(
        "Corrected MET: multiples of the participant's own predicted rest, MET x 3.5 / own rest in "
        "mL/kg/min; null where sex, age, height or body mass is unknown.",
        min=0.0,
    )
    energy_corrected_kcal = c.number(
        "Energy if the published MET counts the participant's own rest: MET x own resting kcal x "
        "time. Beside energy_gross_kcal, never in its place.",
        min=0.0,
    )
    reason_code = dy.Enum(ENERGY_REASON_CODES, description="Why a value is null; else `ok`.")
