"""What came out of a guess: the runs of both variants, their test accuracy, and whether it held."""

from collections.abc import Iterable, Mapping

import streamlit as st

from model.evaluation.comparison import compare
from model.evaluation.hypothesis import ACCURACY_MARGIN, Guess, Observation, Verdict, judge, observe
from model.evaluation.metrics import LEVEL, Evaluation
from runs.records import RunSnapshot, RunState
from ui.base import resources
from ui.base.text import _, number, percent, plural, verbatim
from ui.components import chart
from ui.figures.curves import Quantity, curves_of
from ui.figures.guess import OverlayTexts, overlay_figure, overlay_frame
from ui.networks import measurements
from ui.networks.image_sets import ImageSet
from ui.networks.selection import network_of
from ui.recipe.labels import setting_name, setting_text
from visitors.hypotheses import Hypothesis, Variant

# By their ids.
Runs = Mapping[str, RunSnapshot]


def show_scores(hypothesis: Hypothesis, runs: Runs) -> None:
    """Both variants side by side: how far each run is, and where all of them are finished, how good."""
    columns = zip(st.columns(2), (hypothesis.of_a, hypothesis.of_b), strict=True)
    field = hypothesis.setting
    for column, variants in columns:
        with column:
            label = _(
                "{variant} · {setting}: {value}",
                variant=variants[0].name,
                setting=setting_name(field),
                value=setting_text(field, getattr(variants[0].config, field)),
            )
            finished = [run for run in _runs_of(variants, runs) if run.state == RunState.FINISHED]
            known = [result.accuracy for result in map(_result, finished) if result is not None]
            is_complete = len(known) == len(variants)
            st.metric(label, percent(sum(known) / len(known), 2) if is_complete else "…")
            with st.container(gap="xsmall"):
                for variant in variants:
                    _show_progress(variant, _run_of(variant, runs), alone=len(variants) == 1)


def show_curves(hypothesis: Hypothesis, runs: Runs) -> None:
    """The validation accuracy of all runs, while it grows and afterwards."""
    configs = [variant.config for variant in hypothesis.variants]
    epochs = max(config.epochs for config in configs)
    texts = OverlayTexts(_("Validation accuracy"), _("epoch"), ("A", "B"))
    of_a, of_b = (
        [curves_of(run.history, None, Quantity.ACCURACY)[1] for run in _runs_of(variants, runs)]
        for variants in (hypothesis.of_a, hypothesis.of_b)
    )
    chart.show_live(
        chart.shared(overlay_frame, epochs, texts),
        overlay_figure((of_a, of_b), epochs, texts),
        key="guess_curves",
        alt=_("Chart: the validation accuracy of A and B, epoch by epoch."),
    )
    if len({config.held_out for config in configs}) > 1:
        st.caption(_("A and B have different validation images here, but the same test images."))


def show_problems(hypothesis: Hypothesis, runs: Runs) -> bool:
    """A sentence for each run that cannot be judged; returns whether there is any."""
    problems = [
        _problem(run, variant.name)
        for variant in hypothesis.variants
        if (run := _run_of(variant, runs)) and not run.keeps_recipe
    ]
    for problem in problems:
        st.warning(verbatim(problem), icon=":material/warning:")
    if problems:
        st.markdown(_("So there is no verdict on your hypothesis, but you can still explain what happened."))
    return bool(problems)


def show_verdict(hypothesis: Hypothesis, runs: Runs) -> Verdict | None:
    """Whether the guess held, and how sure that is; ``None`` where nobody can say any more. All ``runs`` are
    finished."""
    of_a, of_b = (
        [result for run in _runs_of(variants, runs) if (result := _result(run)) is not None]
        for variants in (hypothesis.of_a, hypothesis.of_b)
    )
    if len(of_a) + len(of_b) < len(runs):
        st.info(_("The weights of these runs were deleted to save space, so there is no verdict."))
        return None
    of_images = compare(of_a[0], of_b[0]).interval
    seen = observe([result.accuracy for result in of_a], [result.accuracy for result in of_b], of_images)
    verdict = judge(hypothesis.guess, seen)
    match verdict:
        case Verdict.RIGHT:
            st.success(_("**Confirmed.** Your hypothesis was right."), icon=":material/check:")
        case Verdict.WRONG:
            st.info(_("**Refuted.** Your hypothesis was wrong. Why might that be?"), icon=":material/close:")
        case Verdict.CANNOT_TELL:
            st.info(_why_unsure(hypothesis.guess, seen), icon=":material/question_mark:")
    st.markdown(_what_was_seen(seen))
    st.caption(_how_sure(seen))
    return verdict


def _run_of(variant: Variant, runs: Runs) -> RunSnapshot | None:
    return None if variant.run_id is None else runs.get(variant.run_id)


def _runs_of(variants: Iterable[Variant], runs: Runs) -> list[RunSnapshot]:
    return [run for variant in variants if (run := _run_of(variant, runs)) is not None]


def _result(run: RunSnapshot) -> Evaluation | None:
    """The run's network after its kept epoch on the test images; ``None`` where its weights are gone."""
    network = network_of(run)
    if network is None:
        return None
    key = f"{run.id}/{run.kept_epoch}"
    return measurements.evaluation_of(key, ImageSet.TEST, network, run.config.l2, resources.test_images)


def _show_progress(variant: Variant, run: RunSnapshot | None, alone: bool) -> None:
    """How far a run is; once it is finished its accuracy, which stands above where it is ``alone``."""
    seed = str(variant.config.seed)
    if run is not None and run.state == RunState.FINISHED:
        result = _result(run)
        if result is not None and not alone:
            st.caption(_("Seed {seed}: {accuracy}", seed=seed, accuracy=percent(result.accuracy, 2)))
        return
    share = run.position / variant.config.epochs if run else 0.0
    st.progress(min(share, 1.0), _("Seed {seed}: {state}", seed=seed, state=_state(run)))


def _state(run: RunSnapshot | None) -> str:
    if run is None:
        return _("waiting")
    match run.state:
        case RunState.QUEUED | RunState.WAITING:
            return _("waiting")
        case RunState.PAUSED:
            return _("paused")
        case RunState.FAILED:
            return _("failed")
        case RunState.STOPPED:
            return _("stopped")
    return _("epoch {epoch} of {epochs}", epoch=run.epoch, epochs=run.config.epochs)


def _problem(run: RunSnapshot, variant: str) -> str:
    match run.state:
        case RunState.FAILED if run.problem is not None:
            return _("{variant} failed. {problem}", variant=variant, problem=run.problem)
        case RunState.STOPPED:
            return _(
                "{variant} was stopped after epoch {epoch} of {epochs}.",
                variant=variant,
                epoch=run.epoch,
                epochs=run.config.epochs,
            )
    return _("{variant} was changed during training, so it no longer tests your hypothesis.", variant=variant)


def _what_was_seen(seen: Observation) -> str:
    points = number(100 * abs(seen.difference), 2)
    if round(seen.difference, 6) == 0:
        return _("A and B have exactly the same test accuracy.")
    if seen.difference > 0:
        return _("The test accuracy of B is **{points} percentage points** higher.", points=points)
    return _("The test accuracy of B is **{points} percentage points** lower.", points=points)


def _why_unsure(guess: Guess, seen: Observation) -> str:
    margin = number(100 * ACCURACY_MARGIN, 1)
    if guess == Guess.SAME:
        return _(
            "Inconclusive: the difference may be smaller or larger than {margin} percentage points.",
            margin=margin,
        )
    if seen.spread is None:
        return _("Inconclusive: such a small difference may come from the choice of test images.")
    return _("Inconclusive: the difference is within the spread of the seeds, so it may be chance.")


def _how_sure(seen: Observation) -> str:
    if seen.spread is None:
        return _(
            "{level} interval for other test images: {low} to {high} percentage points. This was one "
            "seed, so the "
            "spread of the seeds is unknown. Train with three seeds to measure it.",
            low=number(100 * seen.low, 2),
            high=number(100 * seen.high, 2),
            level=percent(LEVEL),
        )
    return plural(
        "Mean over {count} seed. Spread (largest minus smallest difference): {spread} percentage points.",
        "Mean over {count} seeds. Spread (largest minus smallest difference): {spread} percentage points.",
        len(seen.differences),
        spread=number(100 * seen.spread, 2),
    )
