import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a TCP port that can be cut: connections then break, and new ones are refused. */
export class CutProxy {
  readonly #target: number
  readonly #open = new Set<Socket>()
  #server: Server | undefined
  port = 0

  constructor(target: number) {
    this.#target = target
  }

  /** Listens, on the same port each time. */
  async mend(): Promise<void> {
    const server = createServer((from) => this.#join(from))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
    const address = server.address()
    if (address !== null && typeof address === 'object') this.port = address.port
    this.#server = server
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  #join(from: Socket): void {
    const to = connect(this.#target, '127.0.0.1')
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }
}
