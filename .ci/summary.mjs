// Prints the closing line of a run; a failed check counts as one failed test.
import { readFileSync } from 'node:fs'

const [report, checks] = process.argv.slice(2)
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'))
const failed = numFailedTests + (checks === '0' ? 0 : 1)
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`)
