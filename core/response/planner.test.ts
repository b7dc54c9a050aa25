import { describe, expect, it } from 'vitest'
import { createActions } from '../../actions/actions.ts'
import { createSimulatedHttpClient } from '../../actions/http/simulated-http-client.ts'
import {
  expression,
  finding,
  minuteMs,
  pageStep,
  playbook,
  startOfWorld,
  step,
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import { planFinding, withSteps } from './planner.ts'
import type { Playbook } from './playbook.ts'
import type { Run, StepStatus } from './run.ts'

const page = { http: createSimulatedHttpClient(), routingKey: 'R' }
const actions = createActions({ decisions: { list: () => [] }, page })

function plan(about: ReturnType<typeof finding>, playbooks: readonly Playbook[], runs: readonly Run[] = []) {
  const run = (id: string) => runs.find((candidate) => candidate.id === id)
  return planFinding({ finding: about, playbooks, actions, run, now: startOfWorld })
}

/** The run of `f-1` after its steps ended in some way. */
function endedRun(statuses: readonly StepStatus[], over: Partial<Playbook> = {}): Run {
  const [run] = plan(finding(), [playbook(over)]).started
  if (!run) throw new Error('no run was started')
  return withSteps(
    run,
    run.steps.map((state, index) => ({ ...state, status: statuses[index] ?? 'applied' })),
  )
}

const next = finding({ id: 'f-2', continues: 'f-1', root: 'f-1', last: startOfWorld })

describe('planner', () => {
  it('starts one run for each playbook that takes the finding', () => {
    const never = playbook({ id: 'never', on: expression('false', () => false) })
    const { started } = plan(finding(), [playbook(), never, playbook({ id: 'other' })])
    expect(started.map((run) => run.playbook)).toEqual(['contain', 'other'])
    expect(started[0]).toMatchObject({
      state: 'pending',
      steps: [{ status: 'pending' }, { status: 'pending' }],
    })
    expect(new Set(started.map(({ id }) => id)).size).toBe(2)
  })

  it('changes nothing when the same finding is planned again', () => {
    const run = endedRun(['applied', 'applied'])
    expect(plan(finding(), [playbook()], [run])).toEqual({ started: [], joined: [], problems: [] })
  })

  it('joins the run of the root, renews its enforcement, and pages nobody again', () => {
    const run = endedRun(['applied', 'applied'])
    const { started, joined } = plan(next, [playbook()], [run])
    expect(started).toEqual([])
    expect(joined).toMatchObject([{ id: run.id, finding: { id: 'f-2' }, state: 'pending' }])
    expect(joined[0]?.steps.map(({ status }) => status)).toEqual(['pending', 'applied'])
  })

  it.each([
    ['refused', 'pending', 'pending'],
    ['failed', 'pending', 'pending'],
    ['skipped', 'pending', 'pending'],
    ['dry_run', 'pending', 'dry_run'],
    ['unknown', 'pending', 'pending'],
  ] as const)('asks a step that was %s again in the next period', (status, enforcement, paging) => {
    const { joined } = plan(next, [playbook()], [endedRun([status, status])])
    expect(joined[0]?.steps.map((state) => state.status)).toEqual([enforcement, paging])
  })

  it('renews for later evidence of the same finding only after half the ttl', () => {
    const run = endedRun(['applied', 'skipped'])
    const soon = plan(finding({ last: startOfWorld + 7 * minuteMs }), [playbook()], [run]).joined[0]
    expect(soon?.steps.map(({ status }) => status)).toEqual(['applied', 'pending'])
    const late = plan(finding({ last: startOfWorld + 8 * minuteMs }), [playbook()], [run]).joined[0]
    expect(late?.steps.map(({ status }) => status)).toEqual(['pending', 'pending'])
  })

  it('lets a provisional finding start only playbooks that accept it', () => {
    const provisional = finding({ state: 'provisional' })
    const eager = playbook({ id: 'eager', accepts: 'provisional' })
    expect(plan(provisional, [playbook(), eager]).started.map((run) => run.playbook)).toEqual(['eager'])
    const [run] = plan(provisional, [eager]).started
    const { joined } = plan(finding(), [eager], run ? [run] : [])
    expect(joined).toMatchObject([{ finding: { state: 'final' } }])
  })

  it('never goes back from final to provisional, nor to older evidence', () => {
    const run = endedRun(['applied', 'applied'], { accepts: 'provisional' })
    const eager = playbook({ accepts: 'provisional' })
    expect(plan(finding({ state: 'provisional', last: startOfWorld }), [eager], [run]).joined).toEqual([])
    expect(
      plan(finding({ id: 'f-0', last: startOfWorld - 2 * minuteMs, root: 'f-1' }), [eager], [run]).joined,
    ).toEqual([])
  })

  it('keeps lanes and spaces apart', () => {
    const ids = [finding(), finding({ lane: 'exercise' }), finding({ space: 'b' })].map(
      (about) => plan(about, [playbook()]).started[0]?.id,
    )
    expect(new Set(ids).size).toBe(3)
  })

  it('goes on under the playbook of now, keeping what equal steps reached', () => {
    const edited = playbook({
      digest: 'd2',
      mode: 'dry_run',
      steps: [pageStep, throttleStep, step('stop', 'deny')],
    })
    const { joined } = plan(next, [edited], [endedRun(['applied', 'applied'])])
    expect(joined[0]).toMatchObject({ digest: 'd2', mode: 'dry_run' })
    expect(joined[0]?.steps.map((state) => `${state.step} ${state.status}`)).toEqual([
      'page applied',
      'slow-down pending',
      'stop pending',
    ])
  })

  it('reports an expression that fails, and plans the others', () => {
    const broken = playbook({
      id: 'broken',
      on: expression('finding.evidence.x > 1', () => {
        throw new Error('no such key: x')
      }),
    })
    const { started, problems } = plan(finding(), [broken, playbook()])
    expect(started).toHaveLength(1)
    expect(problems).toEqual([{ playbook: 'broken', finding: 'f-1', message: 'on: no such key: x' }])
  })
})
