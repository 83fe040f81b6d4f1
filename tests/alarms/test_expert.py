"""What an expert's judgement promises: named, reasoned, on evidence; never issued by itself, never a fall."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alarms.laid import decoded, messages
from tests.alarms.made import a_decision, a_proposal, a_signature, later
from tests.alarms.test_policy import shipped
from tests.alarms.told import a_dossier
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level, Signature
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Dossier, Part, Scope
from tocsin.alarms.dossier import Found, dossier
from tocsin.alarms.expert import EXPERT, Judgement, raised_in
from tocsin.alarms.policy import parse_policy, policy
from tocsin.alarms.telling import level_word, tell
from tocsin.alarms.watch import by_expert, expire, lacks, override, propose, refuse, sign
from tocsin.errors import NotAllowed, UserError
from tocsin.evaluation.alarm_record import Happened, Kept, alarm_record

NAME = "Wilhelmina Uniquename"
REASON = "The elders of the valley say that Wilhelmina Uniquename was told to leave."
LEVELS = list(policy().expert.expires_days)
names = st.text(max_size=12)


def a_judgement(level: Level = Level.ALARM, **changes: Any) -> Judgement:
    made: dict[str, Any] = {
        "iso3": "QQA",
        "level": level,
        "expert": NAME,
        "reason": REASON,
        "evidence": ("sig-1", "rec-1"),
        "origins": 2,
        "forecast_rule": False,
        "unknowns": ("No document about this place was read.",),
        "run": "live-1",
    }
    return Judgement(**{**made, **changes})


def raised(level: Level = Level.ALARM, *history: Alarm, day: int = 0, **changes: Any) -> Alarm:
    said = a_judgement(level, **changes)
    return by_expert(said, history, policy(), AS_OF + timedelta(days=day))


def issued(alarm: Alarm) -> Alarm:
    (made,) = sign(alarm, [a_signature("Ada", alarm)], a_signature("Ben", alarm), later(alarm, 1))
    return made


def on(day: int, level: Level, **changes: Any) -> Decision:
    return a_decision(level, day, **changes)


@given(name=names, reason=names, ids=st.lists(names, max_size=3), level=st.sampled_from(LEVELS))
def test_nothing_is_proposed_without_a_person_a_reason_and_evidence(
    name: str, reason: str, ids: list[str], level: Level
) -> None:
    given_all = bool(name.strip() and reason.strip() and "".join(ids).strip())
    try:
        made = raised(level, expert=name, reason=reason, evidence=tuple(ids))
    except NotAllowed as refused:
        assert not given_all and "needs" in str(refused)
        return
    assert given_all
    assert (made.moved_by, made.why, made.reasons) == (name.strip(), reason.strip(), tuple(ids))


@given(
    level=st.sampled_from(LEVELS),
    origins=st.integers(0, 3),
    forecast=st.booleans(),
    signers=st.lists(st.tuples(st.sampled_from(["Ada", "Ben", NAME]), st.booleans()), max_size=4),
)
@settings(max_examples=200)
def test_it_is_never_issued_without_two_people_and_its_support(
    level: Level, origins: int, forecast: bool, signers: list[tuple[str, bool]]
) -> None:
    alarm = raised(level, origins=origins, forecast_rule=forecast)
    assert (alarm.state, alarm.in_force) == (AlarmState.PROPOSED, 0)
    kept: list[Signature] = []
    came: tuple[Alarm, ...] = ()
    for name, consents in signers:
        new = a_signature(name, alarm, consents, "seen")
        if came or name in {s.signer for s in kept}:
            continue
        came = sign(alarm, kept, new, later(alarm, 1))
        kept.append(new)
    assert bool(came) == (sum(s.consents for s in kept) >= 2 and not lacks(alarm))


def test_who_raised_it_may_be_one_of_the_two_and_cannot_override() -> None:
    alarm = raised()
    (made,) = sign(alarm, [a_signature(NAME, alarm)], a_signature("Ben", alarm), later(alarm, 1))
    assert made.state is AlarmState.ISSUED
    with pytest.raises(NotAllowed, match="another person must override"):
        override(alarm, f" {NAME.upper()} ", "no time", later(alarm, 1))
    assert override(alarm, "Ben", "no time", later(alarm, 1)).state is AlarmState.ISSUED


def test_a_judgement_stands_for_the_days_of_its_level_and_is_not_renewed_by_itself() -> None:
    for level, days in policy().expert.expires_days.items():
        alarm = issued(raised(level))
        assert alarm.rule == EXPERT and alarm.expires == AS_OF.date() + timedelta(days=days)
        for day in range(days + 1):
            assert propose(on(day, Level.NONE), alarm, policy()) is None
        assert expire(alarm, AS_OF + timedelta(days=days + 1), AS_OF) is not None


@pytest.mark.parametrize("level", [Level.NONE, Level.RISK])
def test_what_asks_nobody_cannot_be_raised_to(level: Level) -> None:
    with pytest.raises(NotAllowed, match="levels are warning, alarm, ongoing"):
        raised(level)


@pytest.mark.parametrize("stands", [a_proposal(), override(a_proposal(), "Ben", "no time", AS_OF)])
def test_one_situation_is_one_alarm(stands: Alarm) -> None:
    made = raised(Level.ALARM, stands, day=3)
    assert (made.id, made.revision, made.replaces) == (stands.id, stands.revision + 1, stands.row)
    assert (made.in_force, made.in_force_until) == (stands.in_force, stands.in_force_until)
    days = 180 if stands.in_force else 3 + policy().expert.expires_days[Level.ALARM]
    assert made.expires == AS_OF.date() + timedelta(days=days), "never shorter than what is in force"
    with pytest.raises(NotAllowed, match="already"):
        raised(Level.WARNING, stands, day=3)


def test_nobody_lowers_by_hand_not_even_after_a_change_was_refused() -> None:
    first = a_proposal(Level.ALARM)
    force = override(first, "Ben", "no time", AS_OF)
    with pytest.raises(NotAllowed, match="nobody lowers by hand"):
        raised(Level.WARNING, first, force, day=1)
    higher = raised(Level.ONGOING, first, force, day=1)
    refused = refuse(higher, "Ada", "one voice", later(higher, 1))
    with pytest.raises(NotAllowed, match="nobody lowers by hand"):
        raised(Level.WARNING, first, force, higher, refused, day=2)
    again = raised(Level.ONGOING, first, force, higher, refused, day=2)
    assert again.id == first.id and again.in_force == force.revision


def test_it_is_renewed_by_hand_in_its_last_days_and_backed_when_support_came() -> None:
    alone = raised(origins=1)
    assert "it rests on 1 independent origin" in lacks(alone)
    assert lacks(raised(Level.ALARM, alone, day=1, origins=2)) == ""
    with pytest.raises(NotAllowed, match="already: sign it"):
        raised(Level.ALARM, alone, day=1, origins=1)
    force = issued(raised())
    assert raised(Level.ALARM, raised(), force, day=20).expires > force.expires


def test_a_rule_that_gives_more_raises_it_and_one_that_gives_less_changes_nothing() -> None:
    for stands in (raised(), issued(raised())):
        assert propose(on(20, Level.WARNING), stands, policy()) is None
        higher = propose(on(3, Level.ONGOING), stands, policy())
        assert higher is not None and (higher.id, higher.rule) == (stands.id, "ongoing-deaths")
        after = propose(on(31, Level.WARNING), stands, policy())
        assert after is not None and (after.level, after.rule) == (Level.WARNING, "warning-onset")
    same = propose(on(20, Level.ALARM), raised(), policy())
    assert same is not None and same.rule == "alarm-two-origins" and "a rule still fires" in same.why


def test_to_refuse_a_judgement_silences_no_rule_and_a_cool_down_binds_no_expert() -> None:
    refused = refuse(raised(Level.WARNING), "Ada", "hearsay", later(raised(), 1))
    assert propose(on(1, Level.WARNING), refused, policy()) is not None
    by_rule = refuse(a_proposal(), "Ada", "old figures", AS_OF)
    assert propose(on(1, Level.WARNING), by_rule, policy()) is None
    made = raised(Level.WARNING, by_rule, day=1)
    assert made.state is AlarmState.PROPOSED and made.id != by_rule.id


BROKEN: dict[str, dict[str, Any]] = {
    "nothing it rests on": {"rests_on": []},
    "an unknown lesson": {"rests_on": ["atlantis-1999"]},
    "no level": {"expires_days": {}},
    "a level that asks nobody": {"expires_days": {"risk": 30}},
    "an unknown level": {"expires_days": {"panic": 30}},
    "a last day that never comes": {"expires_days": {"alarm": 0}},
    "half a day": {"expires_days": {"alarm": 0.5}},
    "yes for days": {"expires_days": {"alarm": True}},
    "no basis": {"basis": " "},
    "a field in its sentence": {"sentence": "{words.grave.origins} voices."},
    "an unknown entry": {"unless": "x"},
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_policy_is_refused_when_it_leaves_to_experts(case: str) -> None:
    data = shipped()
    data["expert"].update(BROKEN[case])
    with pytest.raises(UserError):
        parse_policy(data)


def test_the_policy_is_refused_without_a_word_on_experts_or_with_a_rule_of_that_name() -> None:
    without, named = shipped(), shipped()
    del without["expert"]
    named["rules"][0]["id"] = EXPERT
    for data in (without, named):
        with pytest.raises(UserError):
            parse_policy(data)


def an_issue(level: Level = Level.ALARM, **changes: Any) -> Dossier:
    alarm = raised(level, **changes)
    made = issued(alarm)
    signatures = [a_signature("Ada", alarm), a_signature("Ben", alarm)]
    found = Found([], {}, [], signatures, {}, [], raised_in([alarm, made], made))
    return replace(dossier(made, found), names=a_dossier().names)


def text(bulletin: Bulletin) -> str:
    return "\n".join((bulletin.headline, *(s.text for s in bulletin.statements)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", LEVELS)
def test_every_language_says_that_a_judgement_and_no_rule_carried_it(level: Level, language: str) -> None:
    bulletin = tell(an_issue(level), language, Scope.PRIVATE)
    finding = bulletin.part(Part.FINDING)[0]
    said = {
        "en": "The judgement of an expert, and no rule,",
        "fr": "le jugement d’un expert, et non une règle,",
        "es": "El juicio de una persona experta, y no una regla,",
        "ar": "تقدير خبير، وليس قاعدة،",
    }
    assert said[language] in finding.text and level_word(level, language) in finding.text
    assert not finding.verbatim and "rule:expert" in finding.evidence
    assert {*Part} == {s.part for s in bulletin.statements}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scope", list(Scope))
def test_the_expert_is_named_in_private_alone_and_the_reason_is_told(language: str, scope: Scope) -> None:
    told = text(tell(an_issue(), language, scope))
    assert (NAME in told) == (scope is Scope.PRIVATE)
    assert "The elders of the valley say that" in told
    waiting = raised()
    before = replace(
        a_dossier(waiting), expert=NAME, judgement=REASON, signers=(NAME,), quotes=(), forecasts=()
    )
    assert (NAME in text(tell(before, language, scope))) == (scope is Scope.PRIVATE)


def test_without_an_origin_it_does_not_claim_figures_or_a_rule_that_left() -> None:
    dossier = an_issue(Level.WARNING, origins=0)
    told = text(tell(dossier, "en", Scope.PUBLIC))
    assert "No independent origin" in told and "not renewed by itself" in told
    assert "figures and forecasts alone" not in told and "no longer in the policy" not in told


def test_who_raised_it_is_found_for_what_was_issued_and_not_for_what_a_rule_carried() -> None:
    alarm = raised()
    made = issued(alarm)
    later_on = raised(Level.ONGOING, alarm, made, day=1, expert="Cyd")
    history = [alarm, made, later_on]
    assert [a and a.moved_by for a in (raised_in(history, h) for h in history)] == [NAME, NAME, "Cyd"]
    assert raised_in([a_proposal()], a_proposal()) is None


def test_cap_names_the_rule_and_nobody() -> None:
    alarm = replace(raised(), iso3="SDN")
    (document,) = messages([alarm, issued(alarm)])
    told = str(decoded(document))
    assert "'tocsin:rule', 'value': 'expert'" in told
    assert NAME not in told and "elders" not in told


def test_the_public_record_counts_it_as_an_experts_and_names_nobody() -> None:
    alarm = replace(raised(), iso3="SDN")
    made = issued(alarm)
    kept = Kept([[alarm, made]], {made.id: []}, 0, AS_OF.date(), AS_OF.date())
    record = alarm_record(kept, Happened())
    assert record.rules[EXPERT].issued == 1
    assert [s.by for s in record.alarms[0].steps] == ["an expert", "two signers"]
    assert NAME not in repr(record)
