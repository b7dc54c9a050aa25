import { readFileSync } from 'node:fs'
import { jtiReuse } from '../detectors/jti-reuse/jti-reuse.ts'
import { openFormat } from '../ingest/formats/format-options.ts'
import { judgeEvents } from './engine/judge-events.ts'
import { benignTraffic } from './scenarios/benign-traffic.ts'
import { stolenToken, issuedToken, tokenUse } from './scenarios/jti-reuse.ts'
import { clients } from './scenarios/token-clients.ts'
const decode = openFormat('combined')
const ev = readFileSync('/work/shared/data/access-logs/apache_logs.first5000.clf','utf8').split('\n').flatMap((l) => { const d = decode(Buffer.from(l)) as any; return d.event ? [{ ...d.event }] : [] })
console.log('apache', ev.length, judgeEvents(jtiReuse, ev).finals.length)
const b = benignTraffic({ seed: 3, start: Date.UTC(2026,1,1), durationMs: 3600_000, clients: 3000 })
let t = performance.now(); console.log('benign', b.length, judgeEvents(jtiReuse, b).finals.map((f) => JSON.stringify(f)), performance.now() - t)
const start = Date.UTC(2026,1,1,1)
const token = issuedToken('big', start)
const flood = [...tokenUse({ seed: 1, token, client: clients.browser, start, durationMs: 3600_000*4, uses: 400 }),
 ...tokenUse({ seed: 1, token, client: { userAgent: 'x/1', addresses: Array.from({length: 5000}, (_, i) => ({ ip: `100.${i%40}.${i%256}.${i%200}`, country: ['US','BR','IN'][i%3]!, asn: i })) }, start: start+600_000, durationMs: 3600_000*3, uses: 40000 })].sort((a,b)=>a.time-b.time)
t = performance.now(); const r = judgeEvents(jtiReuse, flood); console.log('flood', flood.length, r.finals.map((f) => [f.severity, f.score, (f.evidence as any).alternations, JSON.stringify((f.evidence as any).places.map((p:any)=>[p.address,p.uses]))]), performance.now() - t)
// whole-day tokens, one place, every 5 s
const many = Array.from({length: 200}, (_, i) => tokenUse({ seed: i, token: issuedToken('t'+i, start), client: clients.phone, start, durationMs: 3600_000*3, uses: 500 })).flat().sort((a,b)=>a.time-b.time)
t = performance.now(); console.log('many', many.length, judgeEvents(jtiReuse, many).finals.length, performance.now() - t)
t = performance.now(); for (const e of many) JSON.parse(JSON.stringify(e)); console.log('parse+stringify', performance.now() - t)
