"""The words of dosing texts: amount units, time units, routes, frequencies, and the words between them.

Units are UCUM codes (https://ucum.org/ucum, case sensitive); things that are counted are UCUM annotations
(`{tablet}`). Frequencies are (times, times at most, period, period at most, UCUM unit of the period), as
FHIR Timing has them. Abbreviations that mean two things ("biweekly", "bimonthly", "gr", bare "m" and
"s") are left out on purpose: they stay unread.
"""

from __future__ import annotations

from decimal import Decimal


def _spread(table: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {tuple(name.split()): code for code, names in table.items() for name in names.split("|")}


MASS_UNITS = _spread(
    {
        "g": "g|gm|gms|gram|grams|gramme|grammes",
        "mg": "mg|mgs|milligram|milligrams|milligramme|milligrammes|milli gram",
        "ug": "µg|μg|ug|mcg|mcgs|microgram|micrograms|microgramme|microgrammes",
        "ng": "ng|nanogram|nanograms",
        "mL": "ml|mls|cc|millilitre|millilitres|milliliter|milliliters",
        "L": "l|litre|litres|liter|liters",
        "meq": "meq|milliequivalent|milliequivalents",
        "mmol": "mmol|mmols|millimole|millimoles",
        "[iU]": "iu|ius|ui|international unit|international units",
        "10*3.[iU]": "kiu",
        "10*6.[iU]": "miu|million international units|million iu|mio iu",
        "{unit}": "unit|units|u",
        "10*6.{unit}": "million units|million unit|mu|megaunit|megaunits",
        "Gy": "gy|gray",
        "cGy": "cgy",
        "MBq": "mbq",
        "GBq": "gbq",
        "mCi": "mci",
    }
)
"""Measured amounts by the words that print them."""

COUNT_UNITS = _spread(
    {
        "{tablet}": "tablet|tablets|tab|tabs|caplet|caplets",
        "{capsule}": "capsule|capsules|cap|caps",
        "{puff}": "puff|puffs|inhalation|inhalations|actuation|actuations",
        "{spray}": "spray|sprays",
        "[drp]": "drop|drops|gtt|gtts",
        "{patch}": "patch|patches",
        "{plaster}": "plaster|plasters",
        "{suppository}": "suppository|suppositories|supp",
        "{pessary}": "pessary|pessaries",
        "{enema}": "enema|enemas",
        "{vial}": "vial|vials",
        "{ampule}": "ampoule|ampoules|ampule|ampules|amp|amps",
        "{bag}": "bag|bags",
        "{bottle}": "bottle|bottles",
        "{sachet}": "sachet|sachets|packet|packets",
        "{lozenge}": "lozenge|lozenges",
        "{application}": "application|applications",
        "{applicatorful}": "applicatorful|applicatorfuls",
        "{syringe}": "syringe|syringes",
        "{pen}": "pen|pens",
        "{scoop}": "scoop|scoops",
        "{pill}": "pill|pills",
        "{film}": "film|films",
        "{implant}": "implant|implants",
        "{strip}": "strip|strips",
        "{teaspoon}": "teaspoon|teaspoons|teaspoonful|teaspoonfuls|tsp",
        "{tablespoon}": "tablespoon|tablespoons|tablespoonful|tablespoonfuls|tbsp",
        "{piece}": "gum|gums|piece|pieces",
        "{spoonful}": "spoon|spoons|spoonful|spoonfuls|spoonsful",
    }
)
"""Things that are counted by the words that print them."""

FORMS = frozenset(
    "cream ointment gel lotion solution suspension syrup mixture foam shampoo paste powder injection "
    "liquid elixir spray drops tablet tablets capsule capsules tab tabs cap caps patch patches "
    "suppository suppositories vial vials".split()
)
"""Pharmaceutical forms that a strength stands before."""

TIME_UNITS = {
    word: unit
    for unit, words in {
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours hora horas heures",
        "d": "d day days dy dia dias día días jour jours",
        "wk": "wk wks week weeks w semana semanas semaine semaines",
        "mo": "mo mos month months mth mths mes meses mois",
        "a": "yr yrs year years y",
    }.items()
    for word in words.split()
}
"""UCUM time units by the words that print them."""

DAYS_IN = {
    "min": Decimal(1) / Decimal(1440),
    "h": Decimal(1) / Decimal(24),
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
}
"""Mean length of a time unit in days (UCUM: a month is a twelfth of 365.25 days)."""

PER_TIME = {"d": "day", "wk": "week", "mo": "month"}
"""What an amount is for, by the time unit in its denominator."""

ADVERBS = {
    "daily": "d",
    "weekly": "wk",
    "monthly": "mo",
    "hourly": "h",
    "hrly": "h",
    "hly": "h",
    "yearly": "a",
    "annually": "a",
    "nightly": "d",
    "diario": "d",
    "diaria": "d",
}
"""Adverbs and adjectives of frequency by the unit of their period."""

_D = Decimal
Rate = tuple[Decimal, Decimal, str]
FREQUENCY_WORDS: dict[tuple[str, ...], Rate] = {
    tuple(name.split()): (_D(times), _D(period), unit)
    for names, times, period, unit in (
        ("qd|od|sid|uid|mane|nocte|qam|qpm|qhs|each morning|every morning|every night|each night", 1, 1, "d"),
        ("every evening|each evening|nightly|on|om|daily at bedtime", 1, 1, "d"),
        ("once at night|once nightly|once at bedtime|once in the morning|once in the evening", 1, 1, "d"),
        ("bid|bd|bds|twice a day|b i d", 2, 1, "d"),
        ("tid|tds|td|t i d", 3, 1, "d"),
        ("qid|qds|q i d", 4, 1, "d"),
        ("qod|eod|every other day|every second day|every alternate day|alternate days", 1, 2, "d"),
        ("alternate day|on alternate days|on alternating days|alternating days|each other day", 1, 2, "d"),
        ("every third day", 1, 3, "d"),
        ("every fourth day", 1, 4, "d"),
        ("every other week|every second week|alternate weeks|on alternate weeks|fortnightly", 1, 2, "wk"),
        ("every fortnight|each fortnight|once a fortnight", 1, 2, "wk"),
        ("every third week", 1, 3, "wk"),
        ("every fourth week", 1, 4, "wk"),
        ("every other month|every second month", 1, 2, "mo"),
        ("quarterly|every quarter", 1, 3, "mo"),
        ("qw|qwk|ow", 1, 1, "wk"),
        ("eow|qow", 1, 2, "wk"),
        ("qmo|qmonth", 1, 1, "mo"),
        ("qh", 1, 1, "h"),
    )
    for name in names.split("|")
} | {("tiw",): (_D(3), _D(1), "wk"), ("biw",): (_D(2), _D(1), "wk")}
FREQUENCY_WORDS.pop(("on",))  # an English word before it is "every night"
FREQUENCY_WORDS.pop(("om",))
FREQUENCY_WORDS.pop(("td",))  # also "transdermal"

ROUTES = _spread(
    {
        "oral": "po|oral|orally|per os|by mouth|oral route|via oral|vía oral|por vía oral|vo|per oral",
        "intravenous": (
            "iv|intravenous|intravenously|intravenous route|endovenous|intravenosa|intravenoso|"
            "intravenous central route|ev"
            "|into a vein|intravenous peripheral route|i / v"
        ),
        "subcutaneous": (
            "sc|subcutánea|subcutanea|sq|subq|subcut|subcutaneous|subcutaneously|"
            "subcutaneous route|under the skin|s / c"
        ),
        "intramuscular": (
            "im|intramuscular|intramuscularly|intramuscular route|i / m|into the muscle|into a muscle"
        ),
        "topical": "topical|topically|topical route|to the skin|to skin|on the skin",
        "inhalation": (
            "inhalation|inhaled|by inhalation|inhalation route|nebulise|nebulised|nebulized|nebulize|inhale"
            "|via nebuliser|via nebulizer|by nebuliser|by nebulizer"
        ),
        "rectal": "rectal|rectally|per rectum|rectal route|into the rectum",
        "vaginal": "vaginal|vaginally|vaginal route|into the vagina|per vaginam",
        "sublingual": "sublingual|sublingually|sub lingual|under the tongue|sl|s / l",
        "buccal": "buccal|buccally",
        "transdermal": "transdermal|transdermally",
        "nasal": "nasal|nasally|intranasal|intranasally|into each nostril|in each nostril|per nostril",
        "ophthalmic": (
            "ophthalmic|ocular|into eye|into the eye|in the eye|in each eye|into each eye|both eyes"
            "|left eye|right eye|in left eye|in right eye|affected eye|each affected eye|each eye|eyes|eye"
        ),
        "otic": (
            "otic|left ear|right ear|both ears|each ear|in the ear|into the ear|affected ear|"
            "each affected ear"
        ),
        "intrathecal": "intrathecal|intrathecally",
        "intradermal": "intradermal|intradermally|id route",
        "intraperitoneal": "intraperitoneal|intraperitoneally",
        "intra-articular": "intraarticular|intra articular|intraarticularly",
        "intravesical": "intravesical|intravesically",
        "intravitreal": "intravitreal|intravitreally",
        "intralesional": "intralesional|intralesionally",
        "intraosseous": "intraosseous",
        "epidural": "epidural|epidurally",
        "enteral": "nasogastric|via nasogastric tube|via ng tube|via gastrostomy|via peg|enteral|enterally",
    }
)
"""Routes of administration by the words that print them. "Systemic" is no route."""

INJECTED = frozenset(("intravenous", "subcutaneous", "intramuscular", "intrathecal", "intradermal"))
"""Routes by which a dose is given at once or as one infusion."""

AS_NEEDED = _spread(
    {
        "prn": (
            "prn|as needed|as required|if needed|if required|when required|when needed|as necessary"
            "|if necessary|when necessary|as and when required|as and when needed|p r n"
        )
    }
)

QUALITATIVE = _spread(
    {
        "dose": (
            "high dose|high doses|low dose|low doses|moderate dose|moderate doses|medium dose|mega dose"
            "|megadose|standard dose|standard doses|full dose|full doses|usual dose|conventional dose"
            "|intermediate dose|very high dose|ultra high dose|higher dose|lower dose|higher doses"
            "|lower doses|very low dose|stress dose|stress doses|therapeutic dose|therapeutic doses"
        ),
        "taper": (
            "slowly tapered|tapered slowly|gradually tapered|tapered gradually|tapered|slow taper|tapering"
            "|gradual taper|slow tapering|gradual tapering|tapering dose|tapering doses|rapid taper"
            "|rapidly tapered|tapered off|taper|slowly tapering|tapering course|progressively tapered"
            "|progressively reduced|gradually reduced|gradually decreased|slowly reduced|slowly decreased"
            "|weaned|gradually withdrawn|slowly withdrawn|slowly weaned|gradually weaned"
            "|reducing|reducing dose|reducing doses|reducing course"
        ),
    }
)
"""Doses without a number, by what they speak of."""

ONCE = _spread(
    {
        "once": (
            "take once|single dose|a single dose|as a single dose|single doses|one time|one off|stat"
            "|single bolus|at once|single injection|single infusion|as single dose|once only"
            "|single administration|in a single dose|as a one time dose|only once|given once|single pulse"
            "|once"
        ),
        "loading": "loading dose|loading dose for|a loading dose|bolus dose|loading|initial bolus",
    }
)
"""Words for a dose that is given once."""

BASIS_WORDS = _spread(
    {
        "total": (
            "total dose|total doses|cumulative dose|total cumulative dose|cumulative doses|total amount"
            "|in total|total"
        ),
        "day": "daily dose|daily doses|total daily dose|dose per day|daily dosage|total daily doses",
        "week": "weekly dose|total weekly dose|weekly doses",
        "month": "monthly dose|monthly doses",
        "dose": "per dose|each dose|each time|per administration|per infusion|per injection|per pulse",
    }
)
"""Words that say what an amount is for."""

LINKS = _spread(
    {
        "adjust": (
            "reduced to|decreased to|increased to|tapered to|lowered to|raised to|escalated to|titrated to"
            "|reducing to|decreasing to|increasing to|tapering to|maintained at|maintained on|adjusted to"
            "|reduced by half to|dose reduced to|up to a maintenance dose|was maintained at|reduce to"
            "|increase to|decrease to|titrate to|titrate up to|maintenance dose|maintenance|maintenance of"
            "|a maintenance dose|to the recommended maintenance dose|continued at|stepped down to"
            "|uptitrated to|tapered down to|weaned to|taper to|gradually reduced to|gradually increased to"
            "|slowly reduced to|gradually tapered to|to a maintenance dose|then reduced to|then increased to"
            "|and then reduced to|with reduction to|after the initial dose|after the first dose"
            "|after the loading dose|after loading dose|after a loading dose"
        ),
        "next": (
            "followed by|then|and then|thereafter|relayed by|subsequently|afterwards|after that|after which"
            "|switched to|changed to|and thereafter|later|followed with|replaced by|substituted by"
            "|and subsequently|next|→|and later|converted to|transitioned to|and followed by|succeeded by"
        ),
        "continued": (
            "then continued on|and then continued on|and then continued with|then continued with|continued on"
            "|continued with|followed by maintenance with|and continued on"
        ),
        "or": "or|or alternatively|alternatively|or else|either",
        "and": "and|plus|+|with|combined with|in combination with|together with|along with|&|as well as",
    }
)
"""Words that join one dose statement to the next."""

NOT_SPECIFIED = _spread(
    {
        "none": (
            "not specified|non specified|unspecified|not stated|not reported|not available|not given|unknown"
            "|no data|dose not specified|not mentioned|not described|nr|ns|n a|none|not applicable"
        )
    }
)

FILLERS = frozenset(
    "a an the of at in as was were is are be been to for dose doses dosage dosing given administered "
    "administration administer received receive receiving treated treatment therapy take taken taking "
    "use using used apply applied inject injected injection insert instil instill put give gives course "
    "courses regimen consisting by via on into from approximately about around circa ca started start "
    "starting initiated initial initially infusion infused bolus pulse pulses pulsed infuse continuous "
    "intermittent continuously consecutive per each first other total rate body weight bw it its this that "
    "then "
    "spread divided maintained dosed once route drug".split()
)
"""Words that carry nothing of their own beside a dose statement."""

BLOCKING = frozenset(
    "after despite without following failure instead refractory resistant failed before since "
    "worsening no not non avoid excluding".split()
)
"""A name after one of these is not what is being given."""

FLUIDS = frozenset(
    "dextrose glucose saline ns d5w d10w d5 sodium chloride nacl ringer ringers lactated lactate water "
    "sterile normal physiological solution fluid serum warm isotonic hypotonic half plasma albumin".split()
)
"""What a dose is diluted in."""

PREPARING = frozenset("add dissolve dilute mix make reconstitute dispense supply rinse shake".split())
"""A sentence that begins with one of these says how to prepare, not how much to give."""

FORBIDDING = frozenset("do don never avoid withhold hold stop discontinue".split())
"""A sentence that begins with one of these says what not to do."""

CHANGING = tuple("reduc decreas increas taper lower rais escalat titrat wean uptitrat doubl adjust".split())
"""How words of a change of dose begin."""
