"""When what expires, drawn as SVG: a bar from today to the end of each certificate, the first to expire on top."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from isthmus.cli.doctor.wording import due, title_of, urgency
from isthmus.lifecycle.diagnosis import Diagnosis, Expiry

MAX_BARS = 200
MAX_DAYS = 1095
WIDTH, ROW, TOP = 720, 34, 22
TITLE_LETTERS = 80


def timeline(diagnosis: Diagnosis) -> str:
    """Draw the certificates of `diagnosis`, at most 200; bars end at three years."""
    shown = diagnosis.expiries[:MAX_BARS]
    days = [expiry.days_left(diagnosis.now) for expiry in shown]
    span = max(30, min(MAX_DAYS, max(days, default=0)))
    height = TOP + ROW * len(shown)
    return "".join(
        [
            f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="When what expires">',
            *_scale(span, height),
            *(_bar(expiry, left, span, at) for at, (expiry, left) in enumerate(zip(shown, days, strict=True))),
            "</svg>",
        ]
    )


def _scale(span: int, height: int) -> Iterator[str]:
    step = next(step for step in (7, 30, 90, 180, 365) if span / step <= 8)
    for day in range(0, span + 1, step):
        at = _across(day, span)
        yield f'<line class="grid" x1="{at}" y1="{TOP - 4}" x2="{at}" y2="{height}"/>'
        yield f'<text class="tick" x="{at}" y="12">{"today" if day == 0 else f"{day} d"}</text>'


def _bar(expiry: Expiry, days: int, span: int, at: int) -> str:
    top = TOP + ROW * at
    length = max(4, _across(min(days, span), span))
    kind = " (CA)" if expiry.is_ca else ""
    title = f"{title_of(expiry)}{kind}"
    short = title if len(title) <= TITLE_LETTERS else f"{title[:TITLE_LETTERS]}…"
    label = f"{short} · {expiry.certificate.not_valid_after_utc:%Y-%m-%d} · {due(days)}"
    return (
        f"<g><title>{escape(title)}: {escape(', '.join(expiry.nodes))}</title>"
        f'<rect class="{urgency(days)}" x="0" y="{top + 16}" width="{length}" height="10" rx="3"/>'
        f'<text x="0" y="{top + 11}">{escape(label)}</text></g>'
    )


def _across(days: int, span: int) -> int:
    return round(max(0, days) / span * (WIDTH - 40))
