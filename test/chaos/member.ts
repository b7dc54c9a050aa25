import { setTimeout as sleep } from 'node:timers/promises'
import { type PicketProcess, startPicket } from '../e2e/picket-process.ts'

/** A process that a supervisor starts again whenever it ends. */
export class Member {
  readonly name: string
  readonly #args: readonly string[]
  readonly #env: Record<string, string>
  #process: PicketProcess
  #isStopping = false
  #log = ''

  constructor(name: string, args: readonly string[], env: Record<string, string>) {
    this.name = name
    this.#args = args
    this.#env = env
    this.#process = this.#start()
  }

  /** Everything that it and those before it wrote. */
  get log(): string {
    return this.#log + this.#process.output.stderr
  }

  get pid(): number | undefined {
    return this.#process.child.pid
  }

  /** Resolves when it runs. */
  async ready(): Promise<void> {
    while (!this.#process.output.stderr.includes('"msg":"ready"')) await sleep(20)
  }

  /** kill -9. Returns whether there was something to kill. */
  kill(): boolean {
    return this.#process.child.kill('SIGKILL')
  }

  /** Stops it for so long, and lets it go on. */
  async pause(ms: number): Promise<void> {
    const { child } = this.#process
    child.kill('SIGSTOP')
    await sleep(ms)
    child.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#process.child.kill('SIGTERM')
    const late = setTimeout(() => this.#process.child.kill('SIGKILL'), 15_000)
    await this.#process.ended
    clearTimeout(late)
  }

  #start(): PicketProcess {
    const started = startPicket(this.#args, this.#env)
    void started.ended.then(({ stderr }) => {
      if (this.#isStopping) return
      this.#log += stderr
      this.#process = this.#start()
    })
    return started
  }
}
