import type { ASTNode } from '@marcbachmann/cel-js'
import { severities } from '../../core/detector/finding.ts'
import { entityKinds } from '../../core/entity/entity.ts'
import { comparedTexts, textOf } from './expression-facts.ts'
import { type ExpressionFault, type MemberWorld, unknownName } from './expression-fault.ts'
import type { Knowledge } from './walk-expression.ts'

const stepStatuses = ['pending', 'skipped', 'dry_run', 'refused', 'applied', 'failed', 'unknown']

/** Comparisons with texts that the place never holds. */
export function comparisonFaults(
  node: ASTNode,
  known: Knowledge,
  world: MemberWorld,
): readonly ExpressionFault[] {
  const compared = comparedTexts(node)
  const allowed = compared && allowedTexts(compared.path, known, world)
  if (!compared || !allowed) return []
  const place = compared.path.join('.')
  return compared.texts.flatMap((literal) => {
    const text = textOf(literal) ?? ''
    if (allowed.includes(text)) return []
    const { start, end } = literal.range
    const isDetector = place === 'finding.detector'
    const message = isDetector ? `no detector is called '${text}'` : `${place} is never '${text}'`
    return [{ start, end, ...unknownName(message, text, allowed) }]
  })
}

/** The closed list of what a place can hold, where there is one. */
function allowedTexts(
  path: readonly string[],
  known: Knowledge,
  world: MemberWorld,
): readonly string[] | undefined {
  const place = path.join('.')
  if (place === 'finding.detector') return [...world.evidence.keys()]
  if (place === 'finding.severity') return severities
  if (place === 'finding.state') return ['provisional', 'final']
  if (place === 'finding.lane') return ['live', 'replay', 'shadow', 'exercise']
  if (place === 'finding.entity.kind') return entityKinds
  if (path[0] === 'steps' && path[2] === 'status') return stepStatuses
  if (path[0] !== 'finding' || path[1] !== 'evidence' || known.detectors.size !== 1) return undefined
  let type = world.evidence.get([...known.detectors][0] ?? '')
  for (const name of path.slice(2)) type = type?.kind === 'object' ? type.fields.get(name)?.type : undefined
  return type?.kind === 'text' ? type.oneOf : undefined
}
