import type { ExpectedInputs, ExpectedTopic } from '../../core/cluster/source-times.ts'
import { type TopicChoice, takes } from '../../ingest/sources/kafka/chosen-topics.ts'
import { topicChoices } from '../runtime/kafka-topics.ts'
import type { KafkaSourceConfig } from './cluster.ts'

/** A topic that matches a pattern, and may come and go. */
interface Matched {
  /** Looks in a row that did not find it since it was last found or heard of. */
  misses: number
  /** Whether a look has found it: what was only heard of may be a tale of long ago. */
  isFound: boolean
}

/** A broker that has just started may not know all its topics, so one look is not enough. */
const missesMax = 2

/**
 * Which topics the sources of a cluster read: those that are named, and those that match a pattern and are there. All roles of a
 * process ask it, and each process looks for itself: what one finds later than another only lets time wait a little.
 */
export class InputTopics implements ExpectedInputs {
  readonly #sources: readonly { readonly name: string; readonly choices: readonly TopicChoice[] }[]
  readonly #own: ReadonlySet<string>
  readonly #matched = new Map<string, Matched>()
  readonly #listeners = new Set<() => void>()
  #topics: readonly ExpectedTopic[] = []

  /** `own`: topics of the cluster itself, which no pattern takes. */
  constructor(sources: readonly Pick<KafkaSourceConfig, 'name' | 'topics'>[], own: Iterable<string>) {
    this.#sources = sources.map(({ name, topics }) => ({ name, choices: topicChoices(topics) }))
    this.#own = new Set(own)
    this.#count()
  }

  get hasPatterns(): boolean {
    return this.#sources.some(({ choices }) => choices.some((choice) => choice instanceof RegExp))
  }

  get topics(): readonly ExpectedTopic[] {
    return this.#topics
  }

  /** What to read of a source, in order of the names. */
  readBy(source: string): readonly string[] {
    return this.#ofSource(source, ({ isFound }) => isFound)
  }

  heardOf({ source, topic }: ExpectedTopic): boolean {
    if (!this.#takes(source, topic)) return false
    this.#note(topic)
    return true
  }

  isGone({ source, topic }: ExpectedTopic): boolean {
    if (!this.#takes(source, topic)) return true
    if (this.#isNamed(source, topic)) return false
    // Two looks from now it is known.
    if (!this.#matched.has(topic)) this.#note(topic)
    return (this.#matched.get(topic)?.misses ?? 0) >= missesMax
  }

  /** Takes the names of all topics that there are now. */
  look(known: readonly string[]): void {
    const there = new Set(known)
    for (const topic of known) {
      if (this.#sources.some(({ name }) => this.#takes(name, topic)))
        this.#matched.set(topic, { misses: 0, isFound: true })
    }
    for (const [topic, matched] of this.#matched) {
      if (there.has(topic)) continue
      matched.misses++
      if (matched.misses >= missesMax) matched.isFound = false
    }
    this.#count()
    for (const listener of this.#listeners) listener()
  }

  /** Calls after each look; returns how to end that. */
  onLook(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #note(topic: string): void {
    const matched = this.#matched.get(topic)
    if (matched?.misses === 0) return
    this.#matched.set(topic, { isFound: false, ...matched, misses: 0 })
    this.#count()
  }

  #count(): void {
    this.#topics = this.#sources.flatMap(({ name }) =>
      this.#ofSource(name, ({ misses }) => misses < missesMax).map((topic) => ({ source: name, topic })),
    )
  }

  #ofSource(source: string, isMeant: (matched: Matched) => boolean): string[] {
    const choices = this.#choicesOf(source)
    const named = choices.filter((choice) => typeof choice === 'string')
    const matched = [...this.#matched].filter(([topic, one]) => isMeant(one) && this.#takes(source, topic))
    return [...new Set([...named, ...matched.map(([topic]) => topic)])].sort()
  }

  #takes(source: string, topic: string): boolean {
    if (this.#isNamed(source, topic)) return true
    return !this.#own.has(topic) && this.#choicesOf(source).some((choice) => takes(choice, topic))
  }

  #isNamed(source: string, topic: string): boolean {
    return this.#choicesOf(source).includes(topic)
  }

  #choicesOf(source: string): readonly TopicChoice[] {
    return this.#sources.find(({ name }) => name === source)?.choices ?? []
  }
}
