// A process that tells a receiver what became of items, until it is killed:
//   node teller-process.ts <place> <url>
import { tellTo } from './tell-to.ts'

const [, , place = '', url = ''] = process.argv
await tellTo(place, url)
process.stdout.write('telling\n')
