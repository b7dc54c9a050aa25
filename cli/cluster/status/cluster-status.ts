import type { DecisionTable } from '../../../core/decision/decision-table.ts'
import type { DeadLetter } from '../../../core/event/refusal.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { ExtAuthz } from '../../../enforcement/envoy/ext-authz-server.ts'
import type { GroupReport } from '../../../storage/kafka/partition-work.ts'
import { Tally } from '../../pipeline/tally.ts'
import { exposition } from '../../runtime/status/exposition.ts'
import { RunCounts } from '../../runtime/status/run-counts.ts'
import type { Verdict } from '../../runtime/status/run-health.ts'
import type { StatusAnswers } from '../../runtime/status/status-server.ts'
import type { Role } from '../roles.ts'
import { clusterSamples, type Judge } from './cluster-samples.ts'
import { LaneSums } from './lane-sums.ts'

type Table = Pick<DecisionTable, 'list'>

/** A member of a consumer group in this process. */
export interface Member {
  readonly role: Role
  /** Of whose topics, where the role has one group for each. */
  readonly source?: string
  report(): GroupReport
}

export interface ClusterStatusOptions {
  readonly clock: Clock
  /** Aborts when the process is to stop. */
  readonly signal: AbortSignal
}

/** What is known of the roles of a process. They only tell what they do anyway; who asks pays for the answer. */
export class ClusterStatus implements StatusAnswers {
  readonly counts = new RunCounts()
  readonly lanes = new LaneSums()
  /** Partitions of entities that are judged here. */
  readonly judges = new Set<Judge>()
  /** Panes that came behind the watermark. */
  late = 0
  /** Panes that were collected under another configuration. */
  foreign = 0
  manifest = ''
  readonly #lateEvents = new Map<string, number>()
  readonly #copies = { stored: 0, refused: 0 }
  readonly #options: ClusterStatusOptions
  readonly #tally = new Tally()
  readonly #members = new Map<string, Member>()
  readonly #hindrances = new Map<string, string>([['Kafka', 'it was not reached yet']])
  #decided: Table | undefined
  #followed: Table | undefined
  #authz: Pick<ExtAuthz, 'counts'> | undefined
  #committedAt: number | undefined

  constructor(options: ClusterStatusOptions) {
    this.#options = options
  }

  /** Something that the process can't do its work without; `undefined` when it is there. */
  hindrance(what: string, why: string | undefined): void {
    if (why === undefined) this.#hindrances.delete(what)
    else this.#hindrances.set(what, why)
  }

  /** A role has begun to read as a member of a group. */
  reading(member: Member): void {
    this.hindrance(member.role, undefined)
    this.#members.set(nameOf(member), member)
  }

  /** Decisions are made here; `undefined`: no longer. */
  deciding(table: Table | undefined): void {
    this.#decided = table
  }

  /** Gateways are answered from here. */
  following(table: Table): void {
    this.#followed = table
  }

  answering(authz: Pick<ExtAuthz, 'counts'> | undefined): void {
    this.#authz = authz
  }

  refused(letters: readonly DeadLetter[]): void {
    for (const letter of letters) this.#tally.refuse(letter)
  }

  /** ClickHouse has taken so many rows, and refused so many. */
  copied(stored: number, refused: number): void {
    this.#copies.stored += stored
    this.#copies.refused += refused
  }

  /** So many records of a source can't be read any more. */
  lost(source: string, records: number): void {
    this.#tally.lostBy.set(source, (this.#tally.lostBy.get(source) ?? 0) + records)
  }

  /** Of so many events of a source something was not judged in a partition of entities. */
  cameLate(source: string, events: number): void {
    this.#lateEvents.set(source, (this.#lateEvents.get(source) ?? 0) + events)
  }

  /** A transaction took so long, milliseconds. */
  committed(ms: number): void {
    this.counts.checkpoints.add(ms / 1000)
    this.#committedAt = this.#options.clock.now()
  }

  /** A process that answers runs; what else is wrong no new start would mend. */
  health(): Verdict {
    return []
  }

  readiness(): Verdict {
    if (this.#options.signal.aborted) return ['stopping']
    return [
      ...[...this.#hindrances].map(([what, why]) => `${what}: ${why}`),
      ...[...this.#members.values()].flatMap((member) => {
        const { hasJoined, places } = member.report()
        if (!hasJoined) return [`${nameOf(member)}: it is joining its group`]
        return places.flatMap(({ id, notReady }) =>
          notReady === undefined ? [] : [`${member.role} ${id}: ${notReady}`],
        )
      }),
    ]
  }

  metrics(): string {
    return exposition(
      clusterSamples({
        now: this.#options.clock.now(),
        manifest: this.manifest,
        counts: this.counts,
        sources: this.lanes.sums(),
        judges: [...this.judges],
        copies: this.#copies,
        late: this.late,
        lateEvents: this.#lateEvents,
        foreign: this.foreign,
        tally: this.#tally,
        members: [...this.#members.values()].map(({ report, ...member }) => ({ ...member, ...report() })),
        decisions: (this.#followed ?? this.#decided)?.list() ?? [],
        answers: this.#authz?.counts() ?? {},
        committedAt: this.#committedAt,
      }),
    )
  }
}

function nameOf({ role, source }: Pick<Member, 'role' | 'source'>): string {
  return source === undefined ? role : `${role} of ${source}`
}
