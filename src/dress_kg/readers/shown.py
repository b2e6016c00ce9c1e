"""A spreadsheet value as the text a person sees in the cell, as far as its number format tells.

A format can hold what the value does not: a unit (`0.0" mg"`), a percent sign, the lack of a year. What
no rule here knows is shown plainly: the number without exponent, the date in ISO 8601.
Formats: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[([^\]]*)\]|_.|\*.|(General|[0#?.,]+%?|[$+()/: -]|[^"\\\[])', re.S)
_CORE = re.compile(r"(#,##)?([0#]*)(?:\.(0+))?(%)?")
_DATE_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|\[\$[^\]]*\]|\[([hms])\1*\]|(y+|m+|d+|h+|s+(?:\.0+)?|AM/PM|A/P)|(.)', re.I | re.S
)
_MONTHS = ("January February March April May June July August September October November December").split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_FIELDS: Mapping[str, Callable[[datetime.datetime], str]] = {
    "y": lambda moment: f"{moment.year % 100:02}",
    "yy": lambda moment: f"{moment.year % 100:02}",
    "yyy": lambda moment: f"{moment.year:04}",
    "yyyy": lambda moment: f"{moment.year:04}",
    "m": lambda moment: str(moment.month),
    "mm": lambda moment: f"{moment.month:02}",
    "mmm": lambda moment: _MONTHS[moment.month - 1][:3],
    "mmmm": lambda moment: _MONTHS[moment.month - 1],
    "mmmmm": lambda moment: _MONTHS[moment.month - 1][:1],
    "d": lambda moment: str(moment.day),
    "dd": lambda moment: f"{moment.day:02}",
    "ddd": lambda moment: _DAYS[moment.weekday()][:3],
    "dddd": lambda moment: _DAYS[moment.weekday()],
    "h": lambda moment: str(moment.hour),
    "hh": lambda moment: f"{moment.hour:02}",
    "h12": lambda moment: str(moment.hour % 12 or 12),
    "hh12": lambda moment: f"{moment.hour % 12 or 12:02}",
    "minute": lambda moment: f"{moment.minute:02}",
    "s": lambda moment: str(moment.second),
    "ss": lambda moment: f"{moment.second:02}",
    "am/pm": lambda moment: "AM" if moment.hour < 12 else "PM",
    "a/p": lambda moment: "A" if moment.hour < 12 else "P",
}


def shown(value: object, number_format: str | None) -> str:
    """The text of a cell.

    :param value: None, text, a truth value, a number, or a date, time or stretch of time.

    >>> shown(3.0, "General"), shown(0.125, "0.0%"), shown(40, '0" mg/d"'), shown(True, "General")
    ('3', '12.5%', '40 mg/d', 'TRUE')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return shown_number(value, number_format or "General")
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return shown_moment(value, number_format or "yyyy-mm-dd")
    if isinstance(value, datetime.timedelta):
        return _stretch(value)
    # Excel writes the carriage return of imported text as an escape (ECMA-376 part 1, 22.9.2.19).
    return str(value).replace("_x000D_", "\r")


def shown_number(value: float, number_format: str) -> str:
    """A number under the formats General, 0, 0.00, #,##0, percent, with literal text around them.

    >>> shown_number(0.1 + 0.2, "General"), shown_number(1e-7, "General"), shown_number(7, "000")
    ('0.3', '0.0000001', '007')
    >>> shown_number(-1234.5, "#,##0.00;(#,##0.00)"), shown_number(0.5, "# ?/?")
    ('(1,234.50)', '0.5')
    """
    exact = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    sections = _sections(number_format)
    number, section = exact, sections[0]
    if exact < 0 and len(sections) > 1:
        number, section = -exact, sections[1]
    elif exact == 0 and len(sections) > 2:
        section = sections[2]
    before, core, after = _parted(section)
    text = None if core is None else _in_core(number, core)
    return _plain(exact) if text is None else f"{before}{text}{after}"


def shown_moment(value: datetime.datetime | datetime.date | datetime.time, number_format: str) -> str:
    """A date or time: ISO 8601 where day, month and year stand as figures, since their order in the cell
    depends on the country; else as formatted, in English.

    >>> shown_moment(datetime.datetime(2020, 4, 3), "mm-dd-yy"), shown_moment(datetime.time(9, 5), "h:mm")
    ('2020-04-03', '9:05')
    >>> day = datetime.datetime(2020, 4, 3)
    >>> shown_moment(day, "d-mmm"), shown_moment(day, "mmm-yy"), shown_moment(day, "yyyy")
    ('3-Apr', 'Apr-20', '2020')
    """
    tokens = [match for match in _DATE_TOKEN.finditer(_sections(number_format)[0]) if match[0]]
    fields = [(match[4] or "").lower() for match in tokens]
    kinds = {name[0] for name in fields if name}
    named_month = any(name.startswith("mmm") for name in fields)
    has_date = isinstance(value, datetime.date)
    figures = {"y", "m", "d"} <= kinds and not named_month
    unknown = any(name and _named(fields, index) not in _FIELDS for index, name in enumerate(fields))
    if not kinds or unknown or figures or (not has_date and kinds & {"y", "d"}):
        if isinstance(value, datetime.datetime):
            date_only = not kinds & {"h", "s"} and value.time() == datetime.time()
            return value.date().isoformat() if date_only else value.isoformat(" ", "auto")
        return value.isoformat()
    moment = _as_datetime(value)
    return "".join(
        _FIELDS[_named(fields, index)](moment) if fields[index] else match[1] or match[2] or match[5] or ""
        for index, match in enumerate(tokens)
    )


def _as_datetime(value: datetime.datetime | datetime.date | datetime.time) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    return datetime.datetime.combine(datetime.date(1900, 1, 1), value)


def _sections(number_format: str) -> list[str]:
    """The parts of a format: for positive numbers, negative ones, zero and text.

    >>> _sections('0";";(0)')
    ['0";"', '(0)']
    """
    return re.findall(r'((?:"[^"]*"|\\.|[^;"\\])+)', number_format) or ["General"]


def _parted(section: str) -> tuple[str, str | None, str]:
    """Literal text, the one placeholder for the number, literal text; no placeholder if not exactly one."""
    before, core, after = "", None, ""
    for match in _TOKEN.finditer(section):
        quoted, escaped, bracket, other = match.groups()
        if other and (other == "General" or other[0] in "0#?.,"):
            if core is not None:
                return "", None, ""
            core = other
            continue
        if bracket is not None:
            literal = bracket[1:].split("-")[0] if bracket.startswith("$") else ""
        elif other is not None and other not in "$+()/: -":
            return "", None, ""
        else:
            literal = quoted or escaped or other or ""
        before, after = (before + literal, after) if core is None else (before, after + literal)
    return before, core, after


def _in_core(number: Decimal, core: str) -> str | None:
    if core == "General":
        return _plain(number)
    match = _CORE.fullmatch(core)
    if match is None or not (match[2] or match[1]):
        return None
    grouped, whole, decimals, percent = match.groups()
    places = Decimal(1).scaleb(-len(decimals or ""))
    rounded = (number * 100 if percent else number).quantize(places, ROUND_HALF_UP)
    text = format(rounded, ",f" if grouped else "f")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if not grouped:
        head, dot, tail = digits.partition(".")
        digits = head.zfill(whole.count("0")) + dot + tail
    return f"{sign}{digits}{percent or ''}"


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _named(fields: list[str], index: int) -> str:
    """The field with what its neighbours make of it: an m after hours or before seconds is minutes.

    >>> _named(["h", "", "mm", "am/pm"], 0), _named(["h", "", "mm"], 2), _named(["d", "mm"], 1)
    ('h12', 'minute', 'mm')
    """
    name = fields[index]
    before = next((other for other in reversed(fields[:index]) if other), "")
    after = next((other for other in fields[index + 1 :] if other), "")
    if name in ("m", "mm") and (before.startswith("h") or after.startswith("s")):
        return "minute"
    if name[:1] == "h" and ("am/pm" in fields or "a/p" in fields):
        return f"{name}12"
    return name


def _stretch(value: datetime.timedelta) -> str:
    """Hours, minutes and seconds, as the format [h]:mm:ss shows them.

    >>> _stretch(datetime.timedelta(days=1, hours=2, minutes=3))
    '26:03:00'
    """
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
