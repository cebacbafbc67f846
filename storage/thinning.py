"""All weights together keep to their bytes: those of old runs thin out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from model.early_stopping import best_epoch
from storage.runs import drop_weights, read, sizes_of, weights_bytes
from storage.tables import Run, Weights

# Runs that are thinned out in one transaction.
_THINNED = 50


@dataclass(frozen=True)
class ThinOut:
    """Let all weights take ``total_bytes`` at most: of the runs that were changed longest ago, those of the
    last and of the best epoch stay."""

    total_bytes: int
    size: int = 0

    def following(self, _earlier: ThinOut) -> ThinOut:
        """It is enough to do it once."""
        return self

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done."""
        total = weights_bytes(connection)
        # Of a run with two epochs nothing can be dropped.
        several = select(Weights.run_id).group_by(Weights.run_id).having(func.count() > 2)
        oldest = select(Run.id).where(Run.is_over, Run.id.in_(several)).order_by(Run.changed_at)
        for run_id in connection.scalars(oldest.limit(_THINNED)).all() if total > self.total_bytes else ():
            if total <= self.total_bytes:
                break
            sizes = sizes_of(connection, run_id)
            kept = {max(sizes, default=0), best_epoch(read(connection, [run_id])[run_id].history)}
            drop_weights(connection, run_id, [epoch for epoch in sizes if epoch not in kept])
            total -= sum(size for epoch, size in sizes.items() if epoch not in kept)
        return True
