"""Pure decisions on points: threshold, zone, rank, weak sections. Exact on decimals; nothing is rounded first."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction

from assessment.enums import Zone

PLACES = Decimal("0.0000001")  # as many decimals as the testing platform keeps
# Sums are decimals of far more digits than any points have: many times as fast as fractions, and as exact.
EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
Points = Decimal | Fraction  # a mean of expert sheets need not end as a decimal


def passes(points: Points, maximum: Decimal, percent: Decimal) -> bool:
    """Whether ``points`` of ``maximum`` reach ``percent`` (0..100) of it: ``points × 100 ≥ percent × maximum`` (T4).

    Raises TypeError for a float, ValueError for a maximum that is not positive, points below 0 or above the
    maximum, a percent outside 0..100, and numbers that are not finite.
    """
    _check_points(points, maximum)
    _check_percent(percent)
    return Fraction(points) * 100 >= Fraction(percent) * Fraction(maximum)


def total_of(scores: Iterable[tuple[Points, Decimal]]) -> Fraction:
    """The sum of weight × points over pairs (points, weight), exact (O3.15)."""
    decimals, rest = Decimal(0), Fraction(0)
    with localcontext(EXACT):  # raises Inexact rather than round
        for points, weight in scores:
            if isinstance(points, Fraction):
                rest += points * Fraction(weight)
            else:
                decimals += points * weight
    return Fraction(decimals) + rest


def mean_of(points: Sequence[Decimal]) -> Fraction:
    """The mean of the sheets of one direction, exact: thirds stay thirds (O3.17)."""
    return sum((Fraction(value) for value in points), Fraction(0)) / len(points)


def shown_points(points: Points) -> Decimal:
    """Points as a decimal for showing, to seven places; never to be compared."""
    exact = Fraction(points)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PLACES)


def zone(
    points: Points, maximum: Decimal, *, threshold_percent: Decimal, green_percent: Decimal | None
) -> Zone:
    """The zone of ``points`` of ``maximum`` by the frozen borders of a procedure, both in percent (O3.17-3.21).

    Without a green border there are no zones: who passed is shown green, who did not red (T4). Raises as ``passes``,
    and ValueError for a green border below the threshold.
    """
    passed = passes(points, maximum, threshold_percent)
    if green_percent is None:
        return Zone.GREEN if passed else Zone.RED
    _check_percent(green_percent)
    if green_percent < threshold_percent:
        raise ValueError("Граница зелёной зоны ниже порога.")
    if passes(points, maximum, green_percent):
        return Zone.GREEN
    return Zone.YELLOW if passed else Zone.RED


def ranks(points: Sequence[Points]) -> list[int]:
    """The place of each entry of ``points``, in their order: 1 for the most, equal ones share: 1, 2, 2, 4 (O3.23)."""
    places: dict[Points, int] = {}
    for place, value in enumerate(sorted(points, reverse=True), start=1):
        places.setdefault(value, place)
    return [places[value] for value in points]


def weak_sections(scores: Mapping[str, tuple[Points, Decimal]], percent: Decimal) -> list[str]:
    """Sections whose points are below ``percent`` of their maximum, for the draft of a learning route (T5).

    ``scores`` maps a section to (points, maximum). The weakest share stands first, ties in the given order. With
    100 percent: every section in which points were lost. Raises as ``passes``.
    """
    weak = [section for section, (points, maximum) in scores.items() if not passes(points, maximum, percent)]
    return sorted(weak, key=lambda section: Fraction(scores[section][0]) / Fraction(scores[section][1]))


def _check_points(points: Points, maximum: Decimal) -> None:
    _check_finite(points, maximum)
    if maximum <= 0:
        raise ValueError("Максимум баллов должен быть больше нуля.")
    if points < 0:
        raise ValueError("Баллы не бывают отрицательными.")
    if points > maximum:
        raise ValueError("Баллов больше максимума.")


def _check_percent(percent: Decimal) -> None:
    _check_finite(percent)
    if not 0 <= percent <= 100:
        raise ValueError("Процент должен быть от 0 до 100.")


def _check_finite(*numbers: Points) -> None:
    for number in numbers:
        if isinstance(number, Fraction):
            continue
        if not isinstance(number, Decimal | int):
            raise TypeError("Баллы и проценты считаются в Decimal.")
        if not Decimal(number).is_finite():
            raise ValueError("Число должно быть конечным.")
