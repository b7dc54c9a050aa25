/** What a running process knows of itself. Times are epoch milliseconds by its clock. */
export interface Vitals {
  /** Absent until state is restored and the loops run. */
  readonly running?: { readonly since: number; readonly checkpointAt: number; readonly turnAt: number }
  /** Sources that have not opened yet. */
  readonly opening: readonly string[]
  /** A commit waits for room on the disk. */
  readonly lacksRoom: boolean
  /** Absent when no gateway is configured. */
  readonly gatewaysUp?: boolean
  readonly isStopping: boolean
}

/** What is wrong; nothing when all is well. */
export type Verdict = readonly string[]

/** Checkpoints come four times a second and turns of the loop once; what takes so long hangs. */
export const silenceMsMax = 60_000

/** Why the process should be started again. What a new start would not mend, such as a full disk, is no reason. */
export function healthProblems({ running, lacksRoom, isStopping }: Vitals, now: number): Verdict {
  if (!running || isStopping) return []
  const { since, checkpointAt, turnAt } = running
  const problems: string[] = []
  const age = (at: number) => now - Math.max(at, since)
  const told = (ms: number) => `${Math.round(ms / 1000)} s ago, and should be within ${silenceMsMax / 1000} s`
  if (!lacksRoom && age(checkpointAt) > silenceMsMax)
    problems.push(`checkpoint: the last one was ${told(age(checkpointAt))}`)
  if (age(turnAt) > silenceMsMax) problems.push(`loop: its last turn was ${told(age(turnAt))}`)
  return problems
}

/** What is missing until events are judged and gateways obey. */
export function readinessProblems(vitals: Vitals, now: number): Verdict {
  const { running, opening, lacksRoom, gatewaysUp, isStopping } = vitals
  if (isStopping) return ['stopping']
  if (!running) return ['state: it is being opened and restored']
  return [
    ...opening.map((name) => `source ${name}: not open yet; the log says what it waits for`),
    ...(lacksRoom ? ['state: no room on the disk; reading and acting wait until there is'] : []),
    ...(gatewaysUp === false
      ? ['enforcement: the thread that answers gateways is down and is being started again']
      : []),
    ...healthProblems(vitals, now),
  ]
}
