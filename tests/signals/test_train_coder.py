"""Promises of training the coder: what it refuses and leaves out, how it chooses, and that it repeats."""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tocsin.errors import InputError
from tocsin.signals.model.stored import stored
from tocsin.signals.model.trained import FACTORS, HEADS, SIDES, TIMES, language_group, of_arrays
from tocsin.signals.rules.claims import matches
from tocsin.signals.rules.passage import passage

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ROW: dict[str, Any] = {"id": "t1", "text": "Soldiers shot a man.", "relevance": "signal", "factors": ["RF11"]}
ROW |= {"time": "present", "countries": [], "perpetrator": "state", "mitigation": False}
SIGNAL, NONE = HEADS.index("signal"), HEADS.index("none")


@pytest.fixture(scope="module")
def training() -> Iterator[SimpleNamespace]:
    """The modules of scripts/train_coder.py."""
    before = list(sys.path)
    sys.path[:0] = [str(SCRIPTS), str(SCRIPTS / "coder")]
    import choose
    import readers
    import rows

    import train_coder

    yield SimpleNamespace(choose=choose, readers=readers, rows=rows, train_coder=train_coder)
    sys.path[:] = before


def written(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    return path


def test_rows_are_read_with_what_they_lack_filled_in(training: SimpleNamespace, tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", ROW, ROW | {"id": "t2", "source": "wire", "title": "Shots"})
    first, second = training.rows.read_rows(path, "reviewed")
    assert first["source"] == "reviewed" and first["published"] is None and first["text"] == ROW["text"]
    assert second["source"] == "wire" and second["title"] == "Shots"


@pytest.mark.parametrize(
    "missing", ["id", "text", "relevance", "factors", "time", "perpetrator", "mitigation"]
)
def test_a_row_that_lacks_a_label_is_refused_by_file_and_line(
    missing: str, training: SimpleNamespace, tmp_path: Path
) -> None:
    bad = {name: value for name, value in ROW.items() if name != missing}
    path = written(tmp_path / "given.jsonl", ROW, bad)
    with pytest.raises(InputError, match=rf"given\.jsonl, line 2.*{missing}"):
        training.rows.read_rows(path)


@pytest.mark.parametrize("line", ["{", "no json", "[1, 2]", '"text"'])
def test_a_line_that_is_no_row_is_refused_by_file_and_line(
    line: str, training: SimpleNamespace, tmp_path: Path
) -> None:
    path = written(tmp_path / "given.jsonl", ROW, ROW, line)
    with pytest.raises(InputError, match=r"given\.jsonl, line 3"):
        training.rows.read_rows(path)


def test_our_own_passages_are_whole_and_each_has_its_own_id(training: SimpleNamespace) -> None:
    rows = training.rows.own_rows()
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == len(rows) > 1000
    assert {row["relevance"] for row in rows} == {"none", "context", "signal", "atrocity"}
    assert {factor for row in rows for factor in row["factors"]} == set(FACTORS)
    assert {row["time"] for row in rows} <= set(TIMES) and {row["perpetrator"] for row in rows} <= set(SIDES)
    assert not [row["id"] for row in rows if row["id"].startswith("t")], "only a plain sample calibrates"


def known_words(training: SimpleNamespace, texts: list[str]) -> frozenset[str]:
    at = sys.modules.get("vocabulary", training.readers)
    found: frozenset[str] = at.known_words(texts)
    return found


def test_a_word_of_fewer_than_three_passages_is_not_kept(training: SimpleNamespace) -> None:
    texts = ["The orchard flooded", "An Orchard flooded", "Every orchard dried", "The flooded flooded barn"]
    known = known_words(training, texts)
    assert {"orchard", "flooded"} <= known and not {"barn", "dried", "every"} & known


def test_names_are_not_kept_however_often_they_stand(training: SimpleNamespace) -> None:
    texts = [
        "Tavrik saw fatima run",
        "Tavrik met fatima there",
        "All tavrik and fatima run",
        "Tavrik run",
    ] * 9
    known = known_words(training, texts)
    assert "run" in known and not {"tavrik", "fatima"} & known


def test_a_text_all_in_small_letters_does_not_tell_which_words_are_names(training: SimpleNamespace) -> None:
    lower = ["mayor oldemor ran in tavrikstad"] * 5
    assert not {"oldemor", "tavrikstad"} & known_words(training, lower)
    upper = ["The mayor ran in Tavrikstad"] * 3
    assert {"mayor", "ran"} <= known_words(training, lower + upper)


def made(training: SimpleNamespace, size: int, language: str = "en") -> tuple[Any, np.ndarray]:
    """Rows whose truth is drawn by the probabilities sigmoid(z), read by readers that say 2z + 1."""
    draw = np.random.default_rng(7)
    z = draw.normal(-0.5, 1.5, (size, len(HEADS)))
    gold = draw.random((size, len(HEADS))) < 1 / (1 + np.exp(-z))
    for names, kind in ((TIMES, "time"), (SIDES, "by")):
        at = [HEADS.index(f"{kind}:{name}") for name in names]
        gumbel = z[:, at] + draw.gumbel(size=(size, len(at)))
        gold[:, at] = gumbel == gumbel.max(axis=1, keepdims=True)
    kinds = np.where(gold[:, SIGNAL], "signal", np.where(gold[:, NONE], "none", "context"))
    given = {
        "rows": [{"id": f"t{n}", "relevance": str(kind), "countries": []} for n, kind in enumerate(kinds)],
        "founded": np.arange(size) % 4 > 0,
        "languages": [language] * size,
        "real": np.ones(size, bool),
        "plain": np.ones(size, bool),
        "weight": np.ones(size),
        "gold": gold,
    }
    material = training.rows.Material(**{f.name: given.get(f.name) for f in fields(training.rows.Material)})
    return material, np.stack([2 * z + 1] * 4)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_scales_bring_what_readers_say_to_the_share_that_is_true(
    language: str, training: SimpleNamespace
) -> None:
    material, logits = made(training, 2000, language)
    scale = training.choose.scales(material, logits)
    for reading in ("quick", "full"):
        slope, shift = scale[reading][language_group(language)]
        assert slope[SIGNAL] == pytest.approx(0.5, abs=0.08) and shift[SIGNAL] == pytest.approx(
            -0.5, abs=0.15
        )
        p = training.choose.probabilities(scale, material, logits, reading)
        assert ((p > 0) & (p < 1)).all()
        for low in (0.1, 0.3, 0.5, 0.7):
            said = (p[:, SIGNAL] >= low) & (p[:, SIGNAL] < low + 0.2)
            assert material.gold[said, SIGNAL].mean() == pytest.approx(p[said, SIGNAL].mean(), abs=0.07)


def test_a_head_without_positives_keeps_what_its_readers_say(training: SimpleNamespace) -> None:
    material, logits = made(training, 300)
    material.gold[:, NONE] = False
    scale = training.choose.scales(material, logits)
    assert [float(row[NONE]) for row in scale["full"]["english"]] == [1.0, 0.0]


def test_cuts_keep_false_signals_low_and_move_the_factors_of_other_languages_together(
    training: SimpleNamespace,
) -> None:
    choose = training.choose
    material, logits = made(training, 2000)
    material.languages[1000:] = ["ar"] * 1000
    p = choose.probabilities(choose.scales(material, logits), material, logits, "full")
    cuts = choose.cuts(material, p)
    context = np.array([row["relevance"] == "context" for row in material.rows])
    for group, rows in (("english", slice(0, 1000)), ("other", slice(1000, 2000))):
        false = (p[rows, SIGNAL] >= cuts[group]["signal"])[context[rows]].mean()
        assert false <= choose.FALSE_SIGNALS[group] + 0.01
        assert all(0 < cut < 1 for cut in cuts[group].values())
        assert set(cuts[group]) == {"signal", "atrocity", "none", "mitigation", *FACTORS}
    moved = [cuts["other"][factor] / cuts["english"][factor] for factor in FACTORS]
    assert max(moved) - min(moved) < 0.02


def test_leans_find_more_right_and_leave_rows_without_a_time_so(training: SimpleNamespace) -> None:
    material, logits = made(training, 2000)
    at = [HEADS.index(f"time:{time}") for time in TIMES]
    gold = material.gold[:, at].argmax(axis=1)
    p = 1 / (1 + np.exp(-(logits[0] - 1) / 2))
    p[:, HEADS.index("time:past")] /= 6
    leans = training.choose.leans(material, p)
    assert set(leans) == {f"time:{time}" for time in TIMES} | {f"by:{side}" for side in SIDES}
    logit = np.log(p[:, at] / (1 - p[:, at]))
    leant = (logit + [leans[f"time:{time}"] for time in TIMES]).argmax(axis=1)
    none, timed = gold == TIMES.index("none"), gold != TIMES.index("none")
    assert (leant == gold)[timed].mean() > (logit.argmax(axis=1) == gold)[timed].mean() + 0.03
    assert (leant == gold)[none].mean() >= training.choose.LEAST_NONE
    assert leans["time:past"] > 0


def test_the_quick_readers_may_lose_hardly_a_signal(training: SimpleNamespace) -> None:
    choose = training.choose
    material, logits = made(training, 3000)
    p = choose.probabilities(choose.scales(material, logits), material, logits, "full")
    quick = np.clip(p + np.random.default_rng(3).normal(0, 0.1, p.shape), 0.001, 0.999)
    cut = {"english": {"signal": 0.4}, "other": {"signal": 0.4}}
    clear = choose.clear(material, quick, p, cut)
    found = material.gold[:, SIGNAL] & (p[:, SIGNAL] >= 0.4)
    assert (quick[found, SIGNAL] <= clear).mean() <= choose.CLEAR_MISSES
    assert 0 < clear < 0.5


def test_texts_without_a_word_of_violence_get_their_own_share_of_signals(training: SimpleNamespace) -> None:
    material, _ = made(training, 400)
    bare = ~material.founded
    material.gold[bare, SIGNAL] = False
    assert training.choose.unfounded(material) == pytest.approx(1 / 102, abs=1e-4)


def test_answers_decide_by_the_cuts(training: SimpleNamespace) -> None:
    material, _ = made(training, 4)
    p = np.full((4, len(HEADS)), 0.01)
    p[0, SIGNAL] = p[1, SIGNAL] = 0.6
    p[1, HEADS.index("atrocity")] = p[2, NONE] = p[0, HEADS.index("RF9")] = 0.6
    cuts = {"english": dict.fromkeys(("signal", "atrocity", "none", "mitigation", *FACTORS), 0.5)}
    lean = dict.fromkeys(HEADS, 0.0)
    told = training.choose.answers(material, p, cuts, lean)
    assert [row["relevance"] for row in told] == ["signal", "atrocity", "none", "context"]
    assert told[0]["factors_present"] == ["RF9"] and told[2]["factors_present"] == []
    assert len(told[1]["factors_present"]) == 1, "a signal is a sign of something"


def trained_on(training: SimpleNamespace, labelled: Path, out: Path) -> bytes:
    from skops.io import dump

    training.train_coder.main(labelled, [], False, None, lambda found: dump(found, out))
    return json.dumps(listed(stored(out))).encode()


def listed(node: Any) -> Any:
    """The held data with arrays as lists of numbers and their precision."""
    if isinstance(node, dict):
        return {key: listed(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [listed(value) for value in node]
    return [str(node.dtype), node.tolist()] if isinstance(node, np.ndarray) else node


@pytest.mark.slow
def test_the_same_rows_give_the_same_trained_file_and_it_can_be_read(
    training: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = training.rows.own_rows()[::20]
    labelled = written(
        tmp_path / "real.jsonl",
        *(row | {"id": f"t{n}", "source": f"s{n % 3}"} for n, row in enumerate(rows[12:])),
    )
    own = tmp_path / "own"
    own.mkdir()
    written(own / "few.jsonl", *rows[:12])
    monkeypatch.setattr(training.rows, "OWN", own)
    for name, small in (("HIDDEN", 8), ("ROUNDS", 3), ("NETWORKS", 2)):
        monkeypatch.setattr(training.readers, name, small)
    first = trained_on(training, labelled, tmp_path / "one.skops")
    assert trained_on(training, labelled, tmp_path / "two.skops") == first
    assert "five-fold" in capsys.readouterr().out
    model = of_arrays(stored(tmp_path / "one.skops"), "small")
    assert {"a", "i"} <= model.known, "what was let through in training is let through in reading"
    for row in rows[:12]:
        doc = passage(row["text"], row["language"])
        found = model.odds(doc, [matches(part) for part in doc.parts])
        assert found.keys() == set(HEADS) and all(0 < p < 1 for p in found.values())
