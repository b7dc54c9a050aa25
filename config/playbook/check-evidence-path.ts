import type { EvidenceType } from './evidence-type.ts'
import { absentFault, type Fault, type MemberWorld, unknownName } from './expression-fault.ts'
import type { Knowledge } from './walk-expression.ts'

/** `path` from `finding.evidence` on, checked for every detector that the finding can be of; `shown` is how it is written. */
export function evidenceFault(
  path: readonly string[],
  shown: readonly string[],
  known: Knowledge,
  world: MemberWorld,
  asked: boolean,
): Fault | undefined {
  if (path[0] !== 'finding' || path[1] !== 'evidence') return undefined
  const missing: { readonly detector: string; readonly fault: Fault }[] = []
  let present = 0
  for (const detector of known.detectors) {
    const type = world.evidence.get(detector)
    if (!type) continue
    const result = lookUp(type, path.slice(2), `evidence of ${detector}`)
    if (result.fault) missing.push({ detector, fault: result.fault })
    else present += 1
    const optional = result.optionalAt.filter((length) => !asked || length + 2 < path.length)
    const unguarded = optional.find((length) => !known.guarded.has(path.slice(0, length + 2).join('.')))
    if (unguarded !== undefined && path === shown) return absentFault(path.slice(0, unguarded + 2).join('.'))
  }
  const first = missing[0]
  if (!first) return undefined
  if (present === 0 && missing.length === 1) return first.fault
  if (asked && present > 0) return undefined
  const others = missing.map(({ detector }) => detector).join(', ')
  return {
    message: `${shown.join('.')} is not in findings of ${others}`,
    hint: "name the detector first: finding.detector == '…' &&",
  }
}

interface LookUp {
  readonly fault?: Fault
  /** Lengths of the leading parts of the path that may be absent. */
  readonly optionalAt: readonly number[]
}

function lookUp(start: EvidenceType, path: readonly string[], where: string): LookUp {
  let type = start
  const optionalAt: number[] = []
  for (const [index, name] of path.entries()) {
    if (type.kind === 'any') return { optionalAt }
    if (type.kind === 'list' && name === '[]') type = type.item
    else if (type.kind === 'map') {
      type = name === '[]' ? { kind: 'text' } : type.value
      if (name !== '[]') optionalAt.push(index + 1)
    } else if (type.kind === 'object') {
      const field = type.fields.get(name)
      if (!field)
        return { fault: unknownName(`${where} has no '${name}'`, name, [...type.fields.keys()]), optionalAt }
      if (field.optional) optionalAt.push(index + 1)
      type = field.type
    } else return { fault: { message: `${where} has nothing inside '${path[index - 1] ?? ''}'` }, optionalAt }
  }
  return { optionalAt }
}
