import type { ASTNode } from '@marcbachmann/cel-js'
import { severities } from '../../core/detector/finding.ts'
import { entityKinds } from '../../core/entity/entity.ts'
import { didYouMean, nameHint } from '../yaml/did-you-mean.ts'
import type { EvidenceType } from './evidence-type.ts'
import { comparedTexts, textOf } from './expression-facts.ts'
import { type Knowledge, walkExpression } from './walk-expression.ts'

/** What is wrong in an expression, at a range of its text. */
export interface ExpressionFault {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint?: string
}

/** What the names in an expression may mean. */
export interface MemberWorld {
  /** Evidence by detector id. */
  readonly evidence: ReadonlyMap<string, EvidenceType>
  /** Ids of the steps before this one. */
  readonly steps: readonly string[]
}

const stepStatuses = ['pending', 'skipped', 'dry_run', 'refused', 'applied', 'failed', 'unknown']
const findingFields = [
  'id',
  'space',
  'lane',
  'detector',
  'version',
  'entity',
  'period',
  'state',
  'severity',
  'score',
  'first',
  'last',
  'evidence',
  'manifest',
  'continues',
  'root',
]
/** Macros may stand inside one macro, no deeper: their work multiplies. */
const macroNestingMax = 2

/**
 * Names that the type checker lets pass: `has(finding.typo)`, fields that only some findings have, comparisons that
 * can never be true, `matches`.
 */
export function checkMembers(
  ast: ASTNode,
  knowledge: Knowledge,
  world: MemberWorld,
): readonly ExpressionFault[] {
  const faults: ExpressionFault[] = []
  walkExpression(ast, knowledge, {
    path(node, path, known, asked) {
      const fault = pathFault(path, known, world, asked)
      if (fault) faults.push({ start: node.range.start, end: node.range.end, ...fault })
    },
    node(node, known) {
      faults.push(...callFaults(node, known), ...comparisonFaults(node, known, world))
    },
  })
  return faults
}

type Fault = Pick<ExpressionFault, 'message' | 'hint'>

function pathFault(
  path: readonly string[],
  known: Knowledge,
  world: MemberWorld,
  asked: boolean,
): Fault | undefined {
  const [root = '', ...rest] = path
  if (known.variables.has(root)) {
    const list = known.variables.get(root)
    return list ? evidenceFault([...list, ...rest], path, known, world, asked) : undefined
  }
  if (root === 'steps') return stepFault(rest, world)
  if (root !== 'finding' || rest[0] === undefined) return undefined
  if (!findingFields.includes(rest[0]))
    return unknownName(`a finding has no '${rest[0]}'`, rest[0], findingFields)
  if (rest[0] === 'entity' && rest[1] !== undefined && !['kind', 'id'].includes(rest[1])) {
    return unknownName(`an entity has no '${rest[1]}'`, rest[1], ['kind', 'id'])
  }
  if (rest[0] === 'continues' && !asked && !known.guarded.has('finding.continues')) {
    return absentFault('finding.continues')
  }
  return evidenceFault(path, path, known, world, asked)
}

function stepFault([step]: readonly string[], { steps }: MemberWorld): Fault | undefined {
  if (step === undefined || steps.includes(step)) return undefined
  if (steps.length === 0) return { message: 'no step stands before this one' }
  return { message: `no earlier step is called '${step}'`, hint: `earlier steps: ${steps.join(', ')}` }
}

/** `path` from `finding.evidence` on, checked for every detector that the finding can be of; `shown` is how it is written. */
function evidenceFault(
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

function callFaults(node: ASTNode, known: Knowledge): readonly ExpressionFault[] {
  if (node.op !== 'rcall') return []
  const { start, end } = node.range
  if (node.args[0] === 'matches') {
    const message =
      '`matches` is not allowed: on text that an attacker wrote a regular expression can run for hours'
    return [{ start, end, message, hint: 'use ==, contains, startsWith or endsWith' }]
  }
  const isMacro = ['all', 'exists', 'exists_one', 'map', 'filter'].includes(node.args[0])
  if (!isMacro || known.variables.size < macroNestingMax) return []
  return [{ start, end, message: `more than ${macroNestingMax} macros stand inside one another` }]
}

function comparisonFaults(node: ASTNode, known: Knowledge, world: MemberWorld): readonly ExpressionFault[] {
  const compared = comparedTexts(node)
  const allowed = compared && allowedTexts(compared.path, known, world)
  if (!compared || !allowed) return []
  return compared.texts.flatMap((literal) => {
    const text = textOf(literal) ?? ''
    if (allowed.includes(text)) return []
    const { start, end } = literal.range
    const last = compared.path.at(-1) === 'detector' ? 'no detector' : `${compared.path.join('.')} is never`
    return [
      {
        start,
        end,
        ...unknownName(
          compared.path.at(-1) === 'detector' ? `${last} is called '${text}'` : `${last} '${text}'`,
          text,
          allowed,
        ),
      },
    ]
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

function unknownName(message: string, name: string, known: readonly string[]): Fault {
  const hint = didYouMean(name, known)
    ? nameHint(name, known)
    : `known here: ${known.slice(0, 24).join(', ')}`
  return { message, ...(hint === undefined ? {} : { hint }) }
}

function absentFault(path: string): Fault {
  return { message: `${path} is not in every finding`, hint: `ask first: has(${path}) &&` }
}
