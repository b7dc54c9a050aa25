import kafkajs, { type PartitionAssigner } from 'kafkajs'

const { AssignerProtocol } = kafkajs
const name = 'PicketSticky'
const version = 1

export interface StickyOptions {
  /** Partitions that are worked on together belong to one place. */
  placeOf(topic: string, partition: number): string
  /** What this member has now. */
  owned(): Claim
}

export interface Claim {
  readonly places: readonly string[]
  /** When it was given them, epoch milliseconds. */
  readonly since: number
}

/**
 * Deals places out to the members of a group, as many to each as to any other, and leaves them with who has them: a place
 * that moves is read from its changelog again. Partitions of one place always go to the same member.
 */
export function stickyAssigner({ placeOf, owned }: StickyOptions): PartitionAssigner {
  return ({ cluster }) => ({
    name,
    version,
    async assign({ members, topics }) {
      const places = new Map<string, { topic: string; partition: number }[]>()
      for (const topic of topics) {
        for (const { partitionId: partition } of cluster.findTopicPartitionMetadata(topic)) {
          const place = placeOf(topic, partition)
          places.set(place, [...(places.get(place) ?? []), { topic, partition }])
        }
      }
      const claims = new Map(
        members.map(({ memberId, memberMetadata }) => [memberId, claimed(memberMetadata)]),
      )
      return [...dealOut([...places.keys()], undisputed(claims))].map(([memberId, own]) => {
        const assignment: Record<string, number[]> = {}
        for (const { topic, partition } of own.flatMap((place) => places.get(place) ?? [])) {
          assignment[topic] = [...(assignment[topic] ?? []), partition]
        }
        const encoded = { version, assignment, userData: Buffer.alloc(0) }
        return { memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode(encoded) }
      })
    },
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify(owned()))
      return { name, metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData }) }
    },
  })
}

/**
 * Of those who claim a place the one who was given it last has it. The others slept meanwhile: giving it back to one of
 * them would end the work of who has taken over, and be found out only by its next commit.
 */
export function undisputed(claims: ReadonlyMap<string, Claim>): Map<string, readonly string[]> {
  const owners = new Map<string, string>()
  const byAge = [...claims].sort(([, left], [, right]) => left.since - right.since)
  for (const [member, { places }] of byAge) for (const place of places) owners.set(place, member)
  return new Map(
    [...claims].map(([member, { places }]) => [
      member,
      places.filter((place) => owners.get(place) === member),
    ]),
  )
}

/** Places by member: each keeps what it claims up to its share, the rest goes to whoever has least. */
export function dealOut(
  places: readonly string[],
  claims: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const members = [...claims.keys()].sort()
  const share = Math.ceil(places.length / members.length)
  const dealt = new Map<string, string[]>(members.map((member) => [member, []]))
  const left = places.filter((place) => {
    const owner = [...dealt].find(
      ([member, own]) => claims.get(member)?.includes(place) && own.length < share,
    )
    owner?.[1].push(place)
    return owner === undefined
  })
  for (const place of left) {
    const least = [...dealt.values()].reduce((few, own) => (own.length < few.length ? own : few))
    least.push(place)
  }
  return dealt
}

/** A member of another version, or none, claims nothing. */
function claimed(metadata: Buffer): Claim {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(metadata) ?? {}
    const { places, since } = JSON.parse(userData?.toString('utf8') ?? '')
    return { places: Array.isArray(places) ? places.map(String) : [], since: Number(since) || 0 }
  } catch {
    return { places: [], since: 0 }
  }
}
