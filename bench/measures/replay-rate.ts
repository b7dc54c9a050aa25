import type { BenchOptions } from '../figure.ts'
import { runTask } from '../run-task.ts'

export interface Replayed {
  readonly events: number
  readonly refused: number
  readonly late: number
  readonly findings: number
  readonly rssBytes: number
  readonly ms: number
}

export interface ReplayInput {
  readonly inputs: readonly string[]
  readonly instances?: number
  readonly workers?: number
}

/** Replays in a process of its own. Throws unless every one of `events` was judged: a figure of fewer would flatter. */
export async function replayed(
  input: ReplayInput,
  events: number,
  { built }: Pick<BenchOptions, 'built'>,
  flags: readonly string[] = [],
): Promise<Replayed> {
  const result = await runTask<Replayed>('replay-inputs', input, { built, flags })
  if (result.events !== events || result.late > 0) {
    throw new Error(
      `${result.events} of ${events} events were accepted, ${result.refused} refused, ${result.late} late`,
    )
  }
  return result
}

/** Events a second. */
export function rate({ events, ms }: { readonly events: number; readonly ms: number }): number {
  return (1000 * events) / ms
}
