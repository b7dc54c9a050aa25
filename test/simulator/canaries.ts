import type { Restored, StateStore } from '../../core/ports/state-store.ts'
import type { EffectClass } from '../../core/response/action.ts'
import type { World } from './world.ts'

/** A bug that is planted on purpose: whoever simulates must find it. */
export interface Canary {
  readonly summary: string
  store?(real: StateStore, world: World): StateStore
  restored?(restored: Restored): Restored
  effectOf?(action: string): EffectClass | undefined
}

/** By the name that `--canary` takes. */
export const canaries: Readonly<Record<string, Canary>> = {
  'positions-first': {
    summary: 'Positions are committed before the state that was read from them.',
    store: (real) => ({
      ...real,
      async commit(changes) {
        const { positions, ...rest } = changes
        if (positions) await real.commit({ positions })
        await real.commit(rest)
      },
    }),
  },
  'state-first': {
    summary: 'State is committed before the positions that it was read from.',
    store: (real) => ({
      ...real,
      async commit(changes) {
        const { positions, ...rest } = changes
        await real.commit(rest)
        if (positions) await real.commit({ positions })
      },
    }),
  },
  'no-intent': {
    summary: 'A step acts without an intent in the journal.',
    store: (real) => ({
      ...real,
      commit: ({ journal = [], ...rest }) =>
        real.commit({ ...rest, journal: journal.filter(({ kind }) => kind !== 'intent') }),
    }),
  },
  'early-answer': {
    summary: 'The store answers before the commit is on the disk.',
    store: (real) => ({
      ...real,
      async commit(changes) {
        real.commit(changes).catch(() => {})
      },
    }),
  },
  'no-watermark': {
    summary: 'A restart forgets up to where everything is sealed.',
    restored: (restored) => ({
      ...restored,
      marks: new Map([...restored.marks].filter(([key]) => key !== 'time')),
    }),
  },
  'no-open-intents': {
    summary: 'A restart forgets which effects may have happened.',
    restored: (restored) => ({ ...restored, openIntents: [] }),
  },
  'blind-retry': {
    summary: 'What may have happened is done again without asking.',
    effectOf: (action) => (action === 'mail' || action === 'text' ? 'keyed' : undefined),
  },
  'lost-decisions': {
    summary: 'A restart forgets the decisions in force.',
    restored: (restored) => ({ ...restored, decisions: [] }),
  },
  'late-untold': {
    summary: 'Late events are not in the control log.',
    store: (real) => ({
      ...real,
      commit: ({ control = [], ...rest }) =>
        real.commit({ ...rest, control: control.filter(({ kind }) => kind !== 'late') }),
    }),
  },
}
