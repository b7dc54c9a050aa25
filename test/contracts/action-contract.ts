import { describe, expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import { decisionProblem } from '../../core/decision/decision-problem.ts'
import type { Entity } from '../../core/entity/entity.ts'
import { entityKinds } from '../../core/entity/entity.ts'
import type { Action, ActionRequest } from '../../core/response/action.ts'
import { actionKey } from '../../core/response/run-id.ts'
import { finding, minuteMs, startOfWorld } from './responder-world.ts'

/** An action in a world of its own, where its effects can be counted. */
export interface ActionWorld<With> {
  readonly action: Action<With>
  /** Distinct effects at the receiver, as it tells them apart. Decisions that were kept need not be listed. */
  effects(): readonly string[]
  /** What the executor does with a decision after its commit. */
  keep?(decision: Decision): void
}

export interface ActionContract<With> {
  readonly create: () => ActionWorld<With> | Promise<ActionWorld<With>>
  /** As in a playbook: valid, and each of the invalid ones refused by the schema. */
  readonly with: unknown
  readonly invalidWith: readonly unknown[]
  /** Something that it can be aimed at; `undefined` for actions without target. */
  readonly target: Entity | undefined
}

const hostile = '\u001b[31m<script>\u0000\u202e"\'`\r\nSet-Cookie: x\ud800'
const signal = new AbortController().signal

/** What every action must hold, whatever it does. Call it from the action's own test. */
export function runActionContract<With>(name: string, contract: ActionContract<With>): void {
  describe(`action contract: ${name}`, () => {
    shape(name, contract)
    effect(contract)
    if (contract.target) enforcement(contract.target, contract)
  })
}

function shape<With>(name: string, { create, with: valid, invalidWith }: ActionContract<With>): void {
  it('says what it is', async () => {
    const { action } = await create()
    expect(action.id).toBe(name)
    expect(action.id).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(action.summary).toMatch(/^[A-Z].{20,120}\.$/)
    expect(entityKinds).toEqual(expect.arrayContaining([...action.targets]))
    expect(Object.isFrozen(action)).toBe(true)
  })

  it('binds traffic only with a target, and never irreversibly on a provisional finding', async () => {
    const { action } = await create()
    if (action.enforces) expect(action.targets.length).toBeGreaterThan(0)
    if (!action.reversible) expect(action.acceptsProvisional).toBe(false)
  })

  it('accepts its own options and nothing else', async () => {
    const { action } = await create()
    expect(action.with.safeParse(valid).success).toBe(true)
    expect(action.with.safeParse({ ...Object(valid), unknown_option: 1 }).success).toBe(false)
    for (const invalid of invalidWith) expect(action.with.safeParse(invalid).success).toBe(false)
  })
}

function effect<With>(contract: ActionContract<With>): void {
  it('is once in effect however often a keyed action is applied', async () => {
    const world = await contract.create()
    const request = requestFor(world.action, contract)
    const outcomes = [await world.action.apply(request, signal), await world.action.apply(request, signal)]
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'applied'])
    if (world.action.effect === 'keyed') expect(new Set(world.effects()).size).toBeLessThanOrEqual(1)
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  it('has been taken back after undo, also when it never was there', async () => {
    const world = await contract.create()
    const request = requestFor(world.action, contract)
    expect(await world.action.undo(request, signal)).toMatchObject({ status: 'applied' })
    await world.action.apply(request, signal)
    expect(await world.action.undo(request, signal)).toMatchObject({ status: 'applied' })
  })

  it('verifies what happened, or says that it does not know', async () => {
    const world = await contract.create()
    const request = requestFor(world.action, contract)
    expect(await world.action.verify(request, signal)).not.toBe('present')
    const outcome = await world.action.apply(request, signal)
    if (outcome.status === 'applied' && outcome.decision) world.keep?.(outcome.decision)
    expect(await world.action.verify(request, signal)).not.toBe('absent')
  })

  it('survives what an attacker wrote, and passes none of it on raw', async () => {
    const world = await contract.create()
    const evil = finding({
      evidence: {
        path: hostile,
        [hostile]: [hostile, { deep: hostile }],
        __proto__: hostile,
        huge: hostile.repeat(50_000),
      },
      entity: contract.target ?? { kind: 'principal', id: hostile },
    })
    const request = { ...requestFor(world.action, contract), finding: evil }
    expect(await world.action.apply(request, signal)).toMatchObject({ status: 'applied' })
    for (const text of world.effects()) {
      // Escaped in JSON is not harmless: the receiver decodes it once before it shows it.
      expect(
        text.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      ).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    }
  })
}

function enforcement<With>(target: Entity, contract: ActionContract<With>): void {
  it('makes a decision that gateways can enforce, about its target and within its end', async () => {
    const { action } = await contract.create()
    const request = requestFor(action, contract)
    const outcome = await action.apply(request, signal)
    const decision = outcome.status === 'applied' ? outcome.decision : undefined
    expect(decision).toMatchObject({
      id: request.key,
      scope: target.kind,
      value: target.id,
      from: request.now,
      until: request.until,
      finding: request.finding.root,
      by: 'playbook:contain',
    })
    expect(decision?.reason).not.toBe('')
    expect(decision && decisionProblem(decision)).toBeUndefined()
  })

  it('refuses to act without a target, on another kind of entity, and without an end', async () => {
    const { action } = await contract.create()
    const request = requestFor(action, contract)
    const foreign = entityKinds.find((kind) => !action.targets.includes(kind)) ?? 'service'
    for (const wrong of [
      { ...request, target: undefined },
      { ...request, target: { kind: foreign, id: 'x' } },
      { ...request, until: undefined },
      { ...request, until: request.now },
    ]) {
      expect(await action.apply(wrong, signal)).toMatchObject({ status: 'refused' })
    }
  })
}

/** A request as the executor makes it. */
export function requestFor<With>(
  action: Action<With>,
  contract: Pick<ActionContract<With>, 'with' | 'target'>,
): ActionRequest<With> {
  const about = finding(contract.target ? { entity: contract.target } : {})
  return {
    key: actionKey('run-1', 'step-1', contract.target),
    space: 'default',
    target: contract.target,
    with: action.with.parse(contract.with),
    now: startOfWorld,
    until: action.enforces ? startOfWorld + 15 * minuteMs : undefined,
    finding: about,
    run: 'run-1',
    step: 'step-1',
    playbook: 'contain',
    reason: 'credential-stuffing: ip 203.0.113.7, high, score 0.9',
  }
}
