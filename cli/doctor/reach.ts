import { once } from 'node:events'
import { connect } from 'node:net'

/** Whether something accepts TCP connections there: `undefined` when it does, else why not. */
export async function unreachable(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]) })
    return undefined
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    return name === 'AbortError' ? 'no answer within 3 s' : (code ?? String(error))
  } finally {
    socket.destroy()
  }
}
