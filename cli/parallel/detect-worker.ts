/** A thread that judges a share of the detectors begins here: it observes, and has no clock, files or network. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createBaseline } from '../../core/baseline/baseline.ts'
import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import type { Engine } from '../../core/engine/engine.ts'
import { detectors as shipped } from '../../detectors/detectors.ts'
import { createDetection } from '../runtime/detection.ts'
import type { DetectThreadData, FromDetectThread, ToDetectThread } from './thread-messages.ts'
import { Unpacker } from './unpacker.ts'

function configured({ detectors }: DetectThreadData): ConfiguredDetector[] {
  return detectors.map(({ id, config }) => {
    const detector = shipped.find((one) => one.id === id)
    if (!detector) throw new Error(`no detector ${id} ships; only shipped ones are judged in threads`)
    return { detector, config }
  })
}

function obey(port: MessagePort, engine: Engine, unpacker: Unpacker): (message: ToDetectThread) => void {
  let isTold = false
  const post = (message: FromDetectThread, given: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, given)
  return (message) => {
    if (message.kind === 'events') unpacker.each(message, (items) => engine.observeAll(items))
    else if (message.kind === 'advance') engine.advance(message.watermark)
    else if (message.kind === 'restore') engine.restore(message.pack)
    else if (message.kind === 'restored') {
      engine.restored(message.watermark, message.findings)
      post({ kind: 'restored', entityCounts: engine.entityCounts(), paneMsMax: engine.paneMsMax })
    } else {
      const output = engine.drain()
      const packs = engine.cutState().packs()
      const counts = { entityCounts: engine.entityCounts(), stateBytes: engine.stateBytes() }
      post(
        { kind: 'cut', output, packs, ...counts },
        // Instances that share their state share its bytes.
        [...new Set(packs.map(({ bytes }) => bytes.buffer))],
      )
      isTold = false
    }
    if (isTold || !engine.hasFindings) return
    isTold = true
    post({ kind: 'findings' })
  }
}

if (!parentPort) throw new Error('detect-worker only runs as a thread of picket')
const data = workerData as DetectThreadData
const detectors = configured(data)
const { baseline, ...rest } = data
const { engine } = createDetection({
  ...rest,
  detectors,
  baseline: createBaseline(baseline.snapshot, baseline.digest),
})
const unpacker = new Unpacker(data.fields)
parentPort.on('message', obey(parentPort, engine, unpacker))
