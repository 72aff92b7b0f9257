// Prints the closing line of a run; a failed check, or tests that never ran, count as one failed test.
import { readFileSync } from 'node:fs'

const [file, checks] = process.argv.slice(2)
const text = readFileSync(file, 'utf8')
const report = text === '' ? { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 } : JSON.parse(text)
const failed = report.numFailedTests + (checks === '0' ? 0 : 1)
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`)
