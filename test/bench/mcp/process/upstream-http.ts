import { echoServer } from '../echo-server.ts'
import { serveSdk } from '../sdk-http.ts'

serveSdk(async () => echoServer())
