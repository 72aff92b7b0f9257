import type { ContestantName } from '../contestant.ts'
import { openGatehouse } from '../gatehouse.ts'
import { type LegPlan, measureLeg } from '../leg.ts'
import { openBullmq, openPlainjob } from '../peers.ts'

// One round of one contestant, in a process of its own: node leg.ts <name> <folder> <port of Redis> <plan as JSON>
const [name, dir = '', port, plan = '{}'] = process.argv.slice(2)
const open = {
  gatehouse: () => openGatehouse(dir),
  plainjob: async () => openPlainjob(dir),
  bullmq: () => openBullmq(Number(port)),
}
const contestant = await open[name as ContestantName]()
const result = await measureLeg(name as ContestantName, contestant, JSON.parse(plan) as LegPlan)
await contestant.stop()
process.stdout.write(JSON.stringify(result))
process.exit(0)
