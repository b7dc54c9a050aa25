import type { Engine } from '../../core/engine/engine.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import type { Watermarks } from '../../core/engine/watermarks.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import type { Executor } from '../../core/response/executor.ts'
import type { EngineTeam } from '../parallel/engine-team.ts'
import type { Found } from './commits.ts'
import type { Located } from './partition-lane.ts'

export interface PipelineParts {
  readonly engine: Engine
  /** Engines elsewhere, with the other detectors. */
  readonly team?: EngineTeam
  readonly watermarks: Watermarks
  readonly store: StateStore
  readonly executor: Executor
  /** Told of accepted events, before they are judged: copies for analysis. */
  readonly onItems?: (items: readonly Located[]) => void
  /** Told that the items so far, and none that come later, belong to the checkpoint that is committed next. */
  readonly onCaptured?: () => void
  readonly onFound?: (found: Found) => void
  /** Told that a captured checkpoint is durable, and what was sealed with it. */
  readonly onCommitted?: (panes: readonly SealedPane[]) => void
  /** Lets other work go first: a long seal asks for it between its parts. Without, it is done in one go. */
  readonly turn?: () => Promise<void>
}
