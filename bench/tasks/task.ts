import { argv, stdout } from 'node:process'

/** What the bench gave this process to do. */
export function taskInput<Input>(): Input {
  return JSON.parse(argv[2] ?? '{}') as Input
}

/** Hands the result back: the last line of standard output. */
export function giveResult(result: object): void {
  stdout.write(`${JSON.stringify(result)}\n`)
}
