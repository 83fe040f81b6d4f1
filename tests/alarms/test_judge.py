"""What the core of a decision promises: it rises at once, falls slowly, and knows no names."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.made import turn
from tests.assessment.made import AS_OF, a_forecast, a_signal, figures, inputs, onset
from tocsin.alarms.alarm import Alarm, Decision, Level
from tocsin.alarms.around import Around
from tocsin.alarms.decide import decide, standing_of
from tocsin.alarms.judge import Reading, Standing, judge, stood_for
from tocsin.alarms.measure import measure
from tocsin.alarms.policy import policy
from tocsin.alarms.watch import expire, propose
from tocsin.assessment.belief import RightsTrend
from tocsin.assessment.weigh import assess

DAY = AS_OF.date()
CHANCE = "forecast.new_mass_killing.24.probability"
WARNS = policy().costs[Level.WARNING].threshold()
RISKS = policy().costs[Level.RISK].threshold()
ACUTE = {"words.grave.origins": 2.0, "words.acute.origins": 2.0, "words.grave.strength": 0.9}
CALM = dict.fromkeys(ACUTE, 0.0)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def course(*steps: Mapping[str, float], apart: int = 1, reading: Reading | None = None) -> list[Standing]:
    """One judgement after the other."""
    told: list[Standing] = []
    for n, fields in enumerate(steps):
        told.append(judge(fields, told[-1] if told else None, policy(), later(n * apart), reading))
    return told


def test_it_gives_what_a_whole_decision_gives() -> None:
    signals, forecasts = [a_signal(n) for n in (1, 2)], [onset(6)]
    made = assess("QQA", inputs(signals=signals, forecasts=forecasts, records_read=2, origins_read=2))
    fields = measure(made, forecasts, signals, policy())
    bare, (whole, _) = judge(fields, None, policy(), DAY), decide(made, forecasts, signals, None, policy())
    assert (bare.level, bare.rule, bare.expires) == (whole.level, whole.rule, whole.expires)


def test_a_standing_survives_the_way_through_a_decision() -> None:
    first, _ = turn([a_signal(n) for n in (1, 2)])
    held, _ = turn(previous=first, day=40)
    stands = standing_of(held)
    assert stands is not None and stands.unmeasured == later(40) and stands.since == DAY == held.since
    assert stands.stood == {Level.RISK: DAY, Level.WARNING: DAY, Level.ALARM: DAY}


def test_how_long_a_level_has_stood_is_told_for_every_level_below_it_and_outlives_a_rise_and_a_fall() -> None:
    low, high = {CHANCE: WARNS, **CALM}, {CHANCE: WARNS, **ACUTE}
    told = course(low, low, high, low, low, apart=10)
    assert [s.level for s in told] == [*[Level.WARNING] * 2, Level.ALARM, *[Level.WARNING] * 2]
    assert stood_for(told[2], later(30)) == {
        "standing.risk.days": 30, "standing.warning.days": 30, "standing.alarm.days": 10,
    }  # fmt: skip
    assert told[-1].since == DAY, "a warning that was an alarm for a while is no new warning"
    gone = judge({CHANCE: 0.0, **CALM}, told[-1], policy(), later(50))
    assert (gone.level, gone.since, stood_for(gone, later(60))) == (Level.NONE, None, {})


def test_a_warning_that_stood_for_half_a_year_becomes_an_alarm_at_any_grave_report() -> None:
    said = {**CALM, "words.grave.origins": 1.0, "words.grave.strength": 0.4}
    young, old = [
        course({CHANCE: WARNS, **CALM}, {CHANCE: WARNS, **said}, apart=days)[-1] for days in (179, 180)
    ]
    assert (young.level, old.level) == (Level.WARNING, Level.ALARM)
    assert old.rule == "alarm-long-warning-and-origin"


def test_a_warning_beside_mass_violence_becomes_an_alarm_at_any_grave_report() -> None:
    forecasts, signals = [onset(6)], [a_signal(relevance="signal")]
    made = assess("QQA", inputs(signals=signals, forecasts=forecasts, records_read=1, origins_read=1))
    told = []
    for level in (Level.WARNING, Level.ONGOING):
        around = Around(neighbours={"QQB": level})
        told.append(decide(made, forecasts, signals, None, policy(), around=around)[0])
    assert [d.level for d in told] == [Level.WARNING, Level.ALARM]
    assert "mass violence is ongoing in 1 neighbouring place(s)" in told[1].sentences[0]
    assert (told[1].origins, told[1].forecast_rule, told[1].measured["neighbours.ongoing"]) == (1, True, 1)


def test_a_chance_that_doubled_within_a_year_is_a_warning_at_the_chance_of_a_risk() -> None:
    forecasts = [a_forecast("new_mass_killing", 24, RISKS, 0.02)]
    made = assess("QQA", inputs(forecasts=forecasts))
    told = [
        decide(made, forecasts, (), None, policy(), around=Around(before={"new_mass_killing.24": RISKS / n}))[
            0
        ]
        for n in (1.5, 2)
    ]
    assert [d.level for d in told] == [Level.RISK, Level.WARNING]
    assert "2.0 times what it was a year before" in told[1].sentences[0]


def test_a_rise_of_reported_violations_is_a_risk_and_beside_a_forecast_a_warning() -> None:
    rise = RightsTrend(True, 3.2, 4.0, (4, 4, 13), DAY, 40, "reports rose", ("sig-1",))
    forecasts = [a_forecast("new_mass_killing", 24, RISKS, 0.02)]
    for seen, level, rule in (
        ([], Level.RISK, "risk-rights-trend"),
        (forecasts, Level.WARNING, "warning-rights-trend"),
    ):
        made = replace(assess("QQA", inputs(forecasts=seen)), trend=rise)
        told, _ = decide(made, seen, (), None, policy())
        assert (told.level, told.rule) == (level, rule)
        assert "3.2 times" in told.sentences[0] and "sig-1" in told.reasons
        calm = replace(made, trend=replace(rise, alert=False, ratio=1.0))
        assert decide(calm, seen, (), None, policy())[0].level.step < level.step


def test_a_trend_that_cannot_be_told_holds_its_level() -> None:
    rise = RightsTrend(True, 3.2, 4.0, (4, 4, 13), DAY, 40, "reports rose")
    first, _ = decide(replace(assess("QQA", inputs()), trend=rise), (), (), None, policy())
    as_of = AS_OF + timedelta(days=9)
    later_on, _ = decide(assess("QQA", inputs(as_of=as_of)), (), (), first, policy())
    assert later_on.level is Level.RISK and "the trend of reported violations" in later_on.held


def test_origins_are_those_of_words_and_the_publishers_of_the_figures_that_the_rule_compares() -> None:
    dead = {"os_deaths": (1200, 2025)}
    assert turn(figures=figures(dead))[0].origins == 1
    episode = {"os_deaths": (200, 2025), "mk_ongoing": (1, 2024)}
    assert turn(figures=figures(episode))[0].origins == 2
    assert turn([a_signal(1)], figures=figures(dead))[0].origins == 2
    assert (
        turn([a_signal(1)], forecasts=[onset(6)], figures=figures({"sb_deaths": (5, 2025)}))[0].origins == 1
    )


def test_a_decision_says_whether_a_rule_on_a_forecast_fires_beside_the_one_that_carries_it() -> None:
    words = [a_signal(n) for n in (1, 2)]
    assert [turn(words, forecasts=[onset(n)])[0].forecast_rule for n in (1, 6)] == [False, True]
    assert set(turn(words)[0].measured) == {
        "words.grave.origins", "words.acute.origins", "words.grave.strength",
    }  # fmt: skip


chances = st.lists(st.floats(0, 0.2), min_size=1, max_size=40)


@given(chances=chances, words=st.lists(st.sampled_from([ACUTE, CALM, {}]), min_size=40, max_size=40))
def test_what_is_not_read_never_lowers_a_level(chances: list[float], words: list[dict[str, float]]) -> None:
    before: Standing | None = None
    for n, (chance, said) in enumerate(zip(chances, words, strict=False)):
        fields = {CHANCE: chance, **said} if n % 3 else said
        now = judge(fields, before, policy(), later(n))
        if before is not None and now.level.step < before.level.step:
            rule = policy().rule(before.rule)
            assert rule is not None and all(f in fields or f.startswith("standing.") for f in rule.fields)
            assert not rule.holds({**fields, **stood_for(before, later(n))}, rule.exit_ratio)
        before = now


@given(chances=st.lists(st.floats(0.71 * WARNS, 1.2 * WARNS), min_size=2, max_size=60))
def test_a_measure_that_flaps_about_its_threshold_makes_one_level_and_one_alarm(chances: list[float]) -> None:
    decision: Decision | None = None
    alarm: Alarm | None = None
    put, falls = [], 0
    for day, chance in enumerate(chances):
        before = decision
        decision, _ = turn(
            forecasts=[a_forecast("new_mass_killing", 24, chance, 0.02)], previous=before, day=day
        )
        falls += before is not None and decision.level.step < before.level.step
        if alarm is not None:
            assert expire(alarm, decision.as_of, decision.recorded) is None
        moved = propose(decision, alarm, policy(), answered=decision.as_of.date())
        put += [moved] if moved else []
        alarm = moved or alarm
    assert falls == 0 and len(put) <= 1


@given(
    copies=st.integers(1, 60),
    ratio=st.floats(0, 12),
    confidence=st.floats(0, 1),
    kind=st.sampled_from(["story", "origin"]),
)
def test_a_flood_of_copies_changes_no_level_no_rule_and_no_support(
    copies: int, ratio: float, confidence: float, kind: str
) -> None:
    flood: list[Any] = [a_signal(n, confidence=confidence, **{kind: "one"}) for n in range(copies)]
    read: dict[str, Any] = {"records_read": copies, "origins_read": 1}
    one, many = (turn(s, [onset(ratio)], **read)[0] for s in (flood[:1], flood))
    assert (one.level, one.rule, one.origins) == (many.level, many.rule, many.origins)
    assert (one.sentences, one.measured, one.forecast_rule) == (
        many.sentences,
        many.measured,
        many.forecast_rule,
    )


PLACES = ("QQA", "QQB", "QQC", "QQD")
world = st.lists(
    st.tuples(st.floats(0, 12), st.integers(0, 3), st.integers(0, 2000), st.floats(0.01, 0.1)),
    min_size=4,
    max_size=4,
)


@given(world=world, months=st.integers(1, 4), names=st.permutations(PLACES))
def test_renaming_the_countries_of_the_world_leaves_every_decision_unchanged(
    world: list[tuple[float, int, int, float]], months: int, names: list[str]
) -> None:
    as_they_are, renamed = (walked(world, months, to) for to in (PLACES, tuple(names)))
    for old, new in zip(PLACES, names, strict=True):
        assert as_they_are[old] == renamed[new]


def walked(
    world: list[tuple[float, int, int, float]], months: int, names: tuple[str, ...]
) -> dict[str, list[Any]]:
    """A ring of four places decided month by month, each beside its two neighbours; told without names."""
    before: dict[str, Decision] = {}
    told: dict[str, list[Any]] = {name: [] for name in names}
    for month in range(months):
        as_of, now = AS_OF + timedelta(days=30 * month), dict[str, Decision]()
        for n, (name, (ratio, reports, deaths, earlier)) in enumerate(zip(names, world, strict=True)):
            signals = [a_signal(k, iso3=name) for k in range(max(0, reports - month))]
            forecasts = [replace(onset(ratio), iso3=name)]
            given = {"as_of": as_of, "signals": signals, "forecasts": forecasts, "records_read": len(signals)}
            made = assess(name, inputs(**given, figures=figures({"os_deaths": (deaths, 2025)})))
            ring = (names[n - 1], names[(n + 1) % len(names)])
            around = Around(
                {k: before[k].level for k in ring if k in before}, {"new_mass_killing.24": earlier}
            )
            now[name], near = decide(made, forecasts, signals, before.get(name), policy(), around=around)
            d = now[name]
            told[name].append(
                (d.level, d.rule, d.sentences, d.origins, d.held, d.measured, d.since, len(near))
            )
        before = now
    return told
