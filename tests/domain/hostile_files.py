"""Files made to break the import, each with what must become of it: its state, the lines booked and set aside."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from dataclasses import dataclass
from typing import Final

from chalicelib.feeds.receipt import FileState
from chalicelib.trades.model import FIELDS

HEADER: Final = ",".join(FIELDS)
TEXT: Final = "id,5000,10,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z"
WAITING, REJECTED, GOOD = FileState.WAITING, FileState.REJECTED, FileState.IMPORTING


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file and its required outcome; of one that is not booked no line is."""

    content: bytes
    state: FileState
    booked: tuple[int, ...] = ()
    quarantined: tuple[int, ...] = ()


def row(trade_id: str = "a", **changes: str) -> str:
    """A good row with these cells changed, as they stand."""
    cells = dict(zip(FIELDS, TEXT.split(","), strict=True)) | {"id": trade_id} | changes
    return ",".join(cells[name] for name in FIELDS)


def lines(*rows: str, end: str = "\n", header: str = HEADER) -> bytes:
    """A file of these rows."""
    return (end.join([header, *rows]) + end).encode("utf-8", "surrogatepass")


def whole(content: bytes) -> Hostile:
    """It is a file that cannot be used at all."""
    return Hostile(content, REJECTED)


def one_bad(bad: str) -> Hostile:
    """The row is set aside, and those around it are booked."""
    return Hostile(lines(row("a"), bad, row("c")), GOOD, (2, 4), (3,))


def all_good(*rows: str) -> Hostile:
    """What looks odd is good: refusing it would be a defect as well."""
    return Hostile(lines(*rows), GOOD, tuple(range(2, len(rows) + 2)))


def checked(column: str, cell: str) -> bytes:
    """A file with one more column, which says this in its second row."""
    return lines(f"{row('a')},", f"{row('b')},{cell}", header=f"{HEADER},{column}")


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("epex_trades_20230220.csv", b"0" * 1_000_000)
    return held.getvalue()


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        entry = tarfile.TarInfo("../../etc/passwd")
        entry.size = len(TEXT)
        archive.addfile(entry, io.BytesIO(TEXT.encode()))
    return held.getvalue()


GOOD_FILE: Final = lines(row("a"), row("b"))

NO_DAILY_FILE: Final = {
    "a gzip of a good file": whole(gzip.compress(GOOD_FILE, mtime=0) + b"\n"),
    "a gzip bomb": whole(gzip.compress(b"0" * 10_000_000, mtime=0) + b"\n"),
    "a zip bomb": whole(_zip() + b"\n"),
    "a tar that climbs out of its folder": whole(_tar() + b"\n"),
    "100 000 brackets": whole(b"[" * 100_000 + b"\n"),
    "100 000 brackets on as many lines": whole(b"[\n" * 100_000),
    "a JSON list of trades": whole(b'[{"id": "a"}]\n'),
    "XML that names a file": whole(b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>\n<x>&y;</x>\n'),
    "a web page": whole(b"<html><body>502 Bad Gateway</body></html>\n"),
    "a picture": whole(b"\x89PNG\r\n\x1a\n\0\0\0\n"),
    "a spreadsheet": whole(b"PK\x03\x04\x14\0\x06\0\n\n"),
    "UTF-16": whole(GOOD_FILE.decode().encode("utf-16")),
    "UTF-32": whole(GOOD_FILE.decode().encode("utf-32")),
    "Latin-1 in a row": whole(lines(row("a")) + row("hötil").encode("latin-1") + b"\n"),
    "a lone surrogate's bytes in a row": whole(lines(row("a"), row("\ud800"))),
    "a surrogate pair's bytes in a row": whole(lines(row("\ud83d\udc4d"))),
    "an overlong NUL in a row": whole(lines(row("a")) + b"\xc0\x80" + TEXT.encode() + b"\n"),
    "bytes that no UTF-8 has": whole(lines(row("a")) + b"\xff\xfe" + TEXT.encode() + b"\n"),
    "a cell of a million characters": whole(lines(row("x" * 1_000_000))),
    "a line of 100 000 commas": whole(lines(row("a"), "," * 100_000)),
    "an endless line after a good one": whole(lines(row("a")) + b"x" * 300_000),
    "a header of a megabyte": whole(lines(row("a"), header=HEADER + ",x" * 500_000)),
    "a header that lacks a column": whole(lines(row("a"), header=HEADER.replace("price,", ""))),
    "a header with a column twice": whole(lines(row("a"), header=f"{HEADER},price")),
    "a header in capitals": whole(lines(row("a"), header=HEADER.upper())),
    "a header with semicolons": whole(lines(row("a"), header=HEADER.replace(",", ";"))),
    "a header with a quote left open": whole(lines(row("a"), header=HEADER.replace("id", '"id', 1))),
    "a header with a zero-width space": whole(lines(row("a"), header=HEADER.replace("price", "pri\u200bce"))),
    "a header with a NUL": whole(lines(row("a"), header=HEADER.replace("price", "price\0"))),
    "a header with letters that only look alike": whole(lines(row("a"), header=HEADER.replace("price", "pricе"))),
    "two byte order marks": whole(b"\xef\xbb\xbf" * 2 + GOOD_FILE),
    "no header": whole(GOOD_FILE.split(b"\n", 1)[1]),
    "lines that end as on an old Macintosh": whole(GOOD_FILE.replace(b"\n", b"\r")),
    "a header with tabs": whole(lines(row("a"), header=HEADER.replace(",", "\t"))),
    "a header with pipes": whole(lines(row("a"), header=HEADER.replace(",", "|"))),
    "a header with semicolons and no line end": whole(HEADER.replace(",", ";").encode()),
    "a gzip without a line end": whole(gzip.compress(b"", mtime=0)),
    "a page description": whole(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    "UTF-16 without a byte order mark": whole(GOOD_FILE.decode().encode("utf-16-le")),
    "UTF-16 the other way round": whole(b"\xfe\xff" + GOOD_FILE.decode().encode("utf-16-be")),
    "half hours": whole(checked("duration_minutes", "30")),
    "seconds where nobody names them": whole(checked("Duration", "3600")),
    "a duration of ten thousand digits": whole(checked("duration", "6" * 10_000)),
    "a duration in Arabic digits": whole(checked("duration", "٦٠")),
    "a quarter-hour product": whole(checked("product", "14Q3")),
    "another hour's product": whole(checked("product", "14-15")),
    "an hour's number, from 0 or from 1": whole(checked("period", "13")),
    "a contract's number": whole(checked("contract", "11634567")),
    "a cancelled trade": whole(checked("State", "CNCL")),
    "a recalled trade": whole(checked("status", "recalled")),
    "a state for the terminal": whole(checked("state", "\x1b[2Jactive")),
    "kilowatts": whole(checked("unit", "kW")),
    "pounds": whole(checked("currency", "GBP")),
    "an hour later in UTC": whole(checked("delivery_start", "2023-02-28T13:00:00Z")),
    "a quarter-hour's end": whole(checked("delivery_end", "2023-02-28T13:15:00+01:00")),
    "a start on a day that is none": whole(checked("delivery_start", "2023-02-30T13:00:00")),
    "a start at the end of all time": whole(checked("delivery_start", "9999-12-31T24:00:00-23:59")),
    "a start before all time": whole(checked("delivery_start", "0001-01-01T00:00:00+23:59")),
    "a quarter past": whole(checked("delivery_minute", "15")),
    "the second of two columns of one name": whole(lines(f"{row('a')},active,x", header=f"{HEADER},state,state")),
    "eleven bad rows": Hostile(lines(*["bad"] * 11), REJECTED, (), tuple(range(2, 13))),
}

NOT_WHOLE: Final = {
    "nothing": Hostile(b"", WAITING),
    "a line end": Hostile(b"\n", WAITING),
    "spaces": Hostile(b"   ", WAITING),
    "a byte order mark": Hostile(b"\xef\xbb\xbf", WAITING),
    "half a header": Hostile(HEADER[:20].encode(), WAITING),
    "a row cut in its time": Hostile(GOOD_FILE[:-8], WAITING),
    "a row cut at its quote": Hostile(lines(row("a")) + b'"b', WAITING),
    "a row cut inside a character": Hostile(lines(row("a")) + "ü".encode()[:1], WAITING),
    "a row cut after its comma": Hostile(lines(row("a")) + b"b,", WAITING),
}

BAD_ROWS: Final = {
    "a quote left open": one_bad(row('"b')),
    "a quote in the middle": one_bad(row('b"b')),
    "a quote after a quote": one_bad(row('"b"b')),
    "a quote that opens the last cell": one_bad(row("b", execution_time='"2023-02-20T10:00:00Z')),
    "a cell too many": one_bad(row("b") + ",x"),
    "10 000 cells too many": one_bad(row("b") + "," * 10_000),
    "a cell too few": one_bad("b,5000,10,buy,2023-02-28,13,trader_1"),
    "a NUL in an id": one_bad(row("b\0")),
    "a carriage return in an id": one_bad(row("b\rc")),
    "a tab in an id": one_bad(row("b\tc")),
    "text from right to left": one_bad(row("b\u202ec")),
    "an isolated direction": one_bad(row("b\u2066c")),
    "a zero-width space": one_bad(row("b\u200bc")),
    "a zero-width joiner": one_bad(row("b\u200dc")),
    "a soft hyphen": one_bad(row("b\u00adc")),
    "a byte order mark inside": one_bad(row("\ufeffb")),
    "a line separator": one_bad(row("b\u2028c")),
    "a next-line character": one_bad(row("b\u0085c")),
    "a private character": one_bad(row("b\ue000")),
    "a decomposed letter": one_bad(row("e\u0301")),
    "a space before an id": one_bad(row(" b")),
    "a space after a trader": one_bad(row("b", trader_id="trader_1 ")),
    "an id of one space": one_bad(row(" ")),
    "a variation selector": one_bad(row("b\ufe0f")),
    "a combining grapheme joiner": one_bad(row("b\u034f")),
    "a variation selector of another plane": one_bad(row("b\U000e0100")),
    "a Hangul filler": one_bad(row("\u3164")),
    "a braille pattern without dots": one_bad(row("\u2800")),
    "a no-break space": one_bad(row("b\u00a0c")),
    "an escape for the terminal": one_bad(row("b\x1b[2J")),
    "an id of 129 characters": one_bad(row("x" * 129)),
    "no id": one_bad(row("")),
    "an empty quoted id": one_bad(row('""')),
    "a price with a point": one_bad(row("b", price="50.00")),
    "a price with a comma": one_bad(row("b", price='"50,00"')),
    "a price with an underscore": one_bad(row("b", price="5_000")),
    "a price in Arabic digits": one_bad(row("b", price="٥٠٠٠")),
    "a price with a plus": one_bad(row("b", price="+5000")),
    "a price with a space": one_bad(row("b", price=" 5000")),
    "a price of 16 digits": one_bad(row("b", price="9" * 16)),
    "a price of 10 000 digits": one_bad(row("b", price="9" * 10_000)),
    "a price that is none": one_bad(row("b", price="NaN")),
    "a price in hexadecimal": one_bad(row("b", price="0x10")),
    "a price that is a formula": one_bad(row("b", price="=1+1")),
    "a quantity of nothing": one_bad(row("b", quantity="0")),
    "a quantity below nothing": one_bad(row("b", quantity="-10")),
    "an hour too late": one_bad(row("b", delivery_hour="24")),
    "an hour that the spring day lacks": one_bad(row("b", delivery_day="2025-03-30", delivery_hour="2")),
    "a day that is none": one_bad(row("b", delivery_day="2023-02-30")),
    "a day without dashes": one_bad(row("b", delivery_day="20230228")),
    "a day of another century": one_bad(row("b", delivery_day="1999-12-31")),
    "a side in capitals": one_bad(row("b", direction="BUY")),
    "a time without a zone": one_bad(row("b", execution_time="2023-02-20T10:00:00")),
    "a time with a leap second": one_bad(row("b", execution_time="2023-02-20T23:59:60Z")),
    "no trader": one_bad(row("b", trader_id="")),
    "a header again": one_bad(HEADER),
    "a line of commas and a dash": one_bad("," * 7 + "-"),
    "spaces after the commas of one row": one_bad(row("b").replace(",", ", ")),
    "a comment": one_bad("# end of file"),
    "one id with two prices": Hostile(lines(row("a"), row("b"), row("b", price="1")), GOOD, (2,), (3, 4)),
}

ODD_AND_GOOD: Final = {
    "a header only and no line end": Hostile(HEADER.encode(), GOOD),
    "a line of commas": Hostile(lines(row("a"), "," * 7, row("c")), GOOD, (2, 4)),
    "lines of quoted nothing, spaces and too many commas": Hostile(
        lines(row("a"), ",".join(['""'] * 8), " \t ", "," * 9_000, row("c")), GOOD, (2, 6)
    ),
    "spaces after all commas": Hostile(lines(row("a"), row("b"), header=HEADER).replace(b",", b", "), GOOD, (2, 3)),
    "columns that repeat what the others say": Hostile(
        lines(
            f"{row('a')},13-14,60 min,ACTI,mw,EUR,2023-02-28T12:00Z",
            header=f"{HEADER},product,Duration,state,unit,currency,Delivery_Start",
        ),
        GOOD,
        (2,),
    ),
    "a header only": Hostile(lines(), GOOD),
    "Windows line ends": Hostile(lines(row("a"), row("b"), end="\r\n"), GOOD, (2, 3)),
    "a byte order mark before a good file": Hostile(b"\xef\xbb\xbf" + GOOD_FILE, GOOD, (2, 3)),
    "no last line end": Hostile(GOOD_FILE[:-1], GOOD, (2, 3)),
    "blank lines": Hostile(lines(row("a"), "", "", row("b")), GOOD, (2, 5)),
    "a row that says the same again": Hostile(lines(row("a"), row("a")), GOOD, (2,)),
    "quotes around everything": all_good(",".join(f'"{cell}"' for cell in TEXT.split(","))),
    "a comma inside quotes": all_good(row('"a,b"')),
    "a doubled quote": all_good(row('"a""b"')),
    "an id that is a formula": all_good(row("=cmd|'/c calc'!A1")),
    "an id that is a script": all_good(row("<script>alert(1)</script>")),
    "an id that speaks to a database": all_good(row("'; DROP TABLE trades; --")),
    "an id that names another's key": all_good(row("2023-02-28#x"), row("v000001"), row("current")),
    "an id of 128 characters of four bytes": all_good(row("👍" * 128)),
    "an id and its look-alike": all_good(row("a"), row("а")),
    "composed letters": all_good(row("é"), row("각")),
    "a time to the nanosecond": all_good(row("a", execution_time="2023-02-20t10:00:00.123456789z")),
    "leading zeros": all_good(row("007"), row("7")),
    "a trader called NA": all_good(row("a", trader_id="NA"), row("b", trader_id="null")),
    "the hour that occurs twice": all_good(row("a", delivery_day="2025-10-26", delivery_hour="2")),
    "the dearest and the cheapest": all_good(row("a", price="9" * 15), row("b", price="-" + "9" * 15)),
    "columns in another order": Hostile(
        lines(",".join(reversed(TEXT.split(","))), header=",".join(reversed(FIELDS))), GOOD, (2,)
    ),
    "a column nobody asked for": Hostile(lines(row("a") + ",x", header=f"{HEADER},__proto__"), GOOD, (2,)),
}

HOSTILE_FILES: Final = NO_DAILY_FILE | NOT_WHOLE | BAD_ROWS | ODD_AND_GOOD
