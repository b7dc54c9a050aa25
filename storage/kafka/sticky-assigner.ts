import kafkajs, { type PartitionAssigner } from 'kafkajs'

const { AssignerProtocol } = kafkajs
const name = 'PicketSticky'
const version = 1

export interface StickyOptions {
  /** Partitions that are worked on together belong to one place. */
  placeOf(topic: string, partition: number): string
  /** Places that this member has now. */
  owned(): readonly string[]
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
      return [...dealOut([...places.keys()], claims)].map(([memberId, own]) => {
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
function claimed(metadata: Buffer): readonly string[] {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(metadata) ?? {}
    const places: unknown = JSON.parse(userData?.toString('utf8') ?? '[]')
    return Array.isArray(places) ? places.map(String) : []
  } catch {
    return []
  }
}
