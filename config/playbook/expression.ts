import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKinds } from '../../core/entity/entity.ts'
import type { Expression, Scope } from '../../core/response/playbook.ts'
import { type CelSchema, celType, type EvidenceType } from './evidence-type.ts'

/** A CEL expression could not be evaluated for a finding; the message begins with its text. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly source: string
  constructor(source: string, why: string, cause?: unknown) {
    super(`${source}: ${why}`, cause === undefined ? {} : { cause })
    this.source = source
  }
}

/** An entity inside an expression; a class, so that the type checker can tell it from other maps. */
class CelEntity {
  readonly kind: string
  readonly id: string
  constructor(kind: string, id: string) {
    this.kind = kind
    this.id = id
  }
}

/** Bounds of one expression: nothing in CEL itself bounds its evaluation. */
const limits = { maxAstNodes: 256, maxDepth: 24, maxListElements: 64, maxMapEntries: 16, maxCallArguments: 8 }

/** Names, types and functions that expressions see. `evidence` is typed when the detector is known. */
export function expressionEnvironment(evidence: EvidenceType | undefined): Environment {
  const fields: CelSchema = {
    id: 'string',
    space: 'string',
    lane: 'string',
    detector: 'string',
    version: 'double',
    entity: 'Entity',
    period: 'double',
    state: 'string',
    severity: 'string',
    score: 'double',
    first: 'double',
    last: 'double',
    evidence: evidence?.kind === 'object' ? celType(evidence) : 'map<string, dyn>',
    manifest: 'string',
    continues: 'string',
    root: 'string',
  }
  return new Environment({ limits })
    .registerType('Entity', { ctor: CelEntity, fields: { kind: 'string', id: 'string' } })
    .registerVariable({ name: 'finding', schema: fields })
    .registerVariable({ name: 'steps', type: 'map<string, map<string, string>>' })
    .registerFunction('entity(string, string): Entity', createEntity)
}

function createEntity(kind: string, id: string): CelEntity {
  const canonical = entityKinds.includes(kind as EntityKind) ? canonicalId(kind as EntityKind, id) : undefined
  if (canonical === undefined) throw new RangeError(`'${id.slice(0, 64)}' names no ${kind.slice(0, 32)}`)
  return new CelEntity(kind, canonical)
}

export type ResultType = 'bool' | 'Entity'

/** An expression that passed the type checker, with its syntax tree. */
export interface CompiledExpression<T> extends Expression<T> {
  readonly ast: ASTNode
}

/** Makes a checked parse result callable with findings. */
export function conditionOf(source: string, parsed: ParseResult): CompiledExpression<boolean> {
  return {
    source,
    ast: parsed.ast,
    evaluate(scope) {
      const result = run(source, parsed, scope)
      if (typeof result !== 'boolean')
        throw new ExpressionError(source, `gave ${typeof result}, not true or false`)
      return result
    },
  }
}

/** The same for expressions that name an entity. */
export function targetOf(source: string, parsed: ParseResult): CompiledExpression<Entity> {
  return {
    source,
    ast: parsed.ast,
    evaluate(scope) {
      const result = run(source, parsed, scope)
      if (!(result instanceof CelEntity)) throw new ExpressionError(source, 'gave no entity')
      return { kind: result.kind as EntityKind, id: result.id }
    },
  }
}

function run(source: string, parsed: ParseResult, scope: Scope): unknown {
  const { finding, steps } = scope
  const entity = new CelEntity(finding.entity.kind, finding.entity.id)
  try {
    return parsed({ finding: { ...finding, entity }, steps }) as unknown
  } catch (error) {
    const summary = (error as { readonly summary?: unknown }).summary
    const why = typeof summary === 'string' ? summary : error instanceof Error ? error.message : String(error)
    throw new ExpressionError(source, why, error)
  }
}
