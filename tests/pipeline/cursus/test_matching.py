"""The wiring rule, against scores worked out by hand, and choices that a reader can follow."""

from __future__ import annotations

import pytest

from cursus_rt_notebook.pipeline.cursus.matching import Offered, Wanted, match, parts
from cursus_rt_notebook.pipeline.cursus.similar import similarity

_NAMES = [
    # The same words, however they are written: articles and prepositions are dropped, short forms written out.
    ("flight_table", "Flight-Table", 1.0),
    ("the_config.of_flights", "configuration flights", 1.0),
    ("pkg", "packaged", 1.0),
    # "evaluation data" and "evaluation table" share 11 + 2 of 31 letters, 1 of 3 words; 1 of 4 pairs of words is alike.
    ("eval_data", "evaluation_table", 0.3 * 26 / 31 + 0.25 / 3 + 0.25 / 4 + 0.2),
    # One holds the other: 5 of 12 letters; model and output are synonyms, so the pairs of words are 1 and 0.8.
    ("model", "model_output", 0.3 * 10 / 17 + 0.25 / 2 + 0.25 * 0.9 + 0.2 * 5 / 12),
    # The same two words in another order: the longest run is "parameters".
    ("params_of_the_model", "model_parameters", 0.3 * 20 / 32 + 0.25 + 0.25 / 2 + 0.2),
    # Nothing shared but single letters: "a" of 7, and words under three letters are not looked for inside others.
    ("ab", "xa_yy", 0.3 * 2 / 7),
    ("", "anything", 0.0),
]


@pytest.mark.parametrize(("wanted", "offered", "expected"), _NAMES)
def test_names_are_weighed_as_by_hand(wanted, offered, expected):
    """Letters, words, synonyms and parts of words, each with its weight."""
    assert similarity(wanted, offered) == pytest.approx(expected, abs=1e-12)


_SCORES = [
    # Everything fits: 1.05, which is cut to 1.
    (
        Wanted("flights", "processing_output", compatible_sources=("Extract",), keywords=("flight",)),
        Offered("extract", "Extract", "flights", "processing_output"),
        1.0,
    ),
    # The same words, not the same name; one of two keywords.
    (
        Wanted("flight_table", "processing_output", compatible_sources=("Extract",), keywords=("flight", "plane")),
        Offered("extract", "Extract", "FlightTable", "processing_output", aliases=("flight.table",)),
        0.4 + 0.2 + 0.25 + 0.1 + 0.05 / 2,
    ),
    # An alias that is the name, of a compatible type, from a step that is not asked for.
    (
        Wanted("flights", "training_data", compatible_sources=("Load",)),
        Offered("extract", "Extract", "table", "processing_output", aliases=("flights",)),
        0.2 + 0.2 + 0.25 + 0.05 - 0.1,
    ),
    # Data types that come near each other.
    (
        Wanted("flights", "processing_output", data_type="String"),
        Offered("extract", "Extract", "flights", "processing_output"),
        0.4 + 0.1 + 0.25 + 0.05,
    ),
    # Data types that do not.
    (
        Wanted("flights", "processing_output", data_type="Integer"),
        Offered("extract", "Extract", "flights", "processing_output"),
        0.4 + 0.25 + 0.05,
    ),
    # Types that do not: nothing else counts.
    (
        Wanted("flights", "model_artifacts", compatible_sources=("Extract",)),
        Offered("extract", "Extract", "flights", "processing_output"),
        0.0,
    ),
]


@pytest.mark.parametrize(("wanted", "offered", "expected"), _SCORES)
def test_scores_are_as_by_hand(wanted, offered, expected):
    """The golden table: a port, an output, and what the one scores for the other."""
    assert parts(wanted, offered).score == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("wanted", "offered", "fits"),
    [
        ("processing_output", "training_data", 0.2),
        ("training_data", "processing_output", 0.2),
        ("hyperparameters", "custom_property", 0.2),
        ("custom_property", "hyperparameters", 0.0),
        ("payload_samples", "processing_output", 0.2),
        ("processing_output", "payload_samples", 0.0),
        ("model_artifacts", "processing_output", 0.0),
        ("of_their_own", "of_their_own", 0.4),
    ],
)
def test_which_type_takes_which(wanted, offered, fits):
    """Equal types in full, compatible ones by half; most of it holds in one direction only."""
    assert parts(Wanted("a", wanted), Offered("s", "S", "a", offered)).type == fits


@pytest.mark.parametrize(
    ("sources", "step_type", "part"),
    [
        ((), "Train", 0.0),
        (("Train",), "Train", 0.1),
        (("Train",), "Train_training", 0.1),
        (("Train",), "Train_Calibration", 0.1),
        (("TrainStep",), "Train", 0.1),
        (("Train",), "TrainStep", 0.1),
        (("MIMSPackaging",), "Package", 0.1),
        (("Package",), "MIMSPackaging", 0.1),
        (("MIMSPayload",), "Payload", 0.1),
        (("ModelRegistration",), "Registration", 0.1),
        (("PytorchTraining",), "PyTorchTraining", 0.1),
        (("Train_Training",), "Train", -0.1),
        (("Train",), "Train_nightly", -0.1),
        (("Other",), "Train", -0.1),
    ],
)
def test_the_providers_type_among_the_sources(sources, step_type, part):
    """Without its job type and a trailing Step, under its old name, too."""
    weighed = parts(Wanted("a", "t", compatible_sources=sources), Offered("s", step_type, "a", "t"))
    assert weighed.sources == part


_FREE = {"step_type": "S", "type": "t"}


def _chosen(bindings):
    return {b.port: b.chosen and b.chosen.name for b in bindings}


def test_a_required_port_comes_before_an_optional_one_that_scores_more():
    """The optional one would have had it, and says who has it now."""
    wanted = [Wanted("table", "t", required=False), Wanted("flights", "t")]
    bindings = match("use", wanted, [Offered("load", port="table", **_FREE)])
    assert _chosen(bindings) == {"table": None, "flights": "load.table"}
    (lost,) = bindings[0].candidates
    assert lost.score > bindings[1].candidates[0].score
    assert (lost.taken_by, bindings[0].lost(lost)) == ("flights", "taken by flights")
    assert bindings[0].why == "others have what would fit: load.table (0.90, taken by flights)"


def test_the_next_best_is_taken_where_the_best_is_not_free():
    """Each output feeds one port of a consumer."""
    wanted = [Wanted("flights", "t"), Wanted("flight", "t")]
    offered = [Offered("load", port="flights", **_FREE), Offered("load", port="rows", **_FREE)]
    first, second = match("use", wanted, offered)
    assert _chosen((first, second)) == {"flights": "load.flights", "flight": "load.rows"}
    assert first.why == "the best of 2 above 0.5"
    assert second.chosen is not None
    assert second.lost(second.chosen) == "chosen"
    better = second.candidates[0]
    assert second.why == f"the best that is free, after load.flights ({better.score:.2f}, taken by flights)"


def test_ties_go_by_the_order_of_declaration():
    """The first edge, the first output."""
    offered = [Offered(step, port="flights", **_FREE) for step in ("b", "a")]
    (binding,) = match("use", [Wanted("flights", "t")], offered)
    assert _chosen([binding]) == {"flights": "b.flights"}
    assert binding.why == "the best of 2 above 0.5, declared before its equal"
    assert binding.lost(binding.candidates[1]) == "declared later"


def test_a_score_has_to_be_above_one_half():
    """Below, the port stays unbound and says how near the best came."""
    (binding,) = match("use", [Wanted("flights", "training_data")], [Offered("load", "L", "xq", "processing_output")])
    assert binding.chosen is None
    assert binding.lost(binding.candidates[0]) == "not above 0.5"
    assert binding.why == "the best, load.xq, scores 0.40, which is not above 0.5"


def test_nothing_that_comes_in_fits():
    """Another type, or no edge at all."""
    (other,) = match("use", [Wanted("model", "model_artifacts")], [Offered("load", port="model", **_FREE)])
    assert other.why == "no output that comes in can feed model_artifacts"
    assert other.lost(other.candidates[0]) == "t cannot feed model_artifacts"
    (alone,) = match("use", [Wanted("model", "model_artifacts")], [])
    assert alone.why == "no step with outputs comes before it"


def test_what_is_wired_by_hand_comes_first():
    """The rule gives what it takes to no other port, and leaves alone what is to stay unbound."""
    wanted = [Wanted("flights", "t"), Wanted("spare", "t", required=False)]
    load, far = Offered("load", port="flights", **_FREE), Offered("far", "Far", "xq", "other")
    taken = match("use", wanted, [load], {"spare": load})
    assert _chosen(taken) == {"flights": None, "spare": "load.flights"}
    assert taken[0].candidates[0].taken_by == "spare"
    unbound, _ = match("use", wanted, [load], {"flights": None})
    assert (unbound.chosen, unbound.explicit, unbound.why) == (None, True, "left unbound by hand")
    (elsewhere,) = match("use", wanted[:1], [load], {"flights": far})
    assert elsewhere.chosen is not None
    assert (elsewhere.chosen.name, elsewhere.chosen.score) == ("far.xq", 0.0)
    assert elsewhere.why == "wired by hand to far.xq"
    assert elsewhere.lost(elsewhere.candidates[0]) == "wired by hand"


def test_the_name_that_matched_is_told():
    """Of an output's name and its aliases, the one that is nearest."""
    load = Offered("load", port="xq", aliases=("rows", "flights"), **_FREE)
    (binding,) = match("use", [Wanted("flights", "t")], [load])
    assert binding.chosen is not None
    assert binding.chosen.matched == "flights"
