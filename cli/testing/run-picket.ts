import process from 'node:process'
import { vi } from 'vitest'
import { createProgram } from '../program.ts'
import { ExitError } from '../runtime/exit.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  /** Standard error, with the message of the exit. */
  readonly err: string
}

/** Runs a command in this process, as `cli/main.ts` does, and gives what it printed. */
export async function runPicket(...args: readonly string[]): Promise<Ran> {
  let out = ''
  let err = ''
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text)
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += String(text)
      return true
    }),
  ]
  try {
    await createProgram().parseAsync(['node', 'picket', ...args])
    return { code: 0, out, err }
  } catch (error) {
    if (error instanceof ExitError) return { code: error.code, out, err: `${err}${error.message}` }
    throw error
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
