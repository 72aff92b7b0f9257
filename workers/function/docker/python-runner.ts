/**
 * What runs a function in a container with Python, given to `python3 -c`. See `talk.ts` for what it says and hears.
 *
 * Nothing of it is trusted: it makes life easy for authors, and the container is what holds them.
 */
export const PYTHON_RUNNER = String.raw`
import datetime, inspect, io, json, os, queue, random, sys, threading, time, traceback

lock = threading.Lock()
answers = {}
heard = queue.Queue()

def say(kind, text):
    data = (kind + text + '\n').encode('utf-8', 'backslashreplace')
    with lock:
        while data:
            data = data[os.write(1, data):]

def end(kind, text):
    say(kind, text)
    os._exit(0)

def fail(reason, message):
    end('X', json.dumps({'reason': reason, 'message': str(message)[:4000]}))

class Printed(io.TextIOBase):
    def __init__(self, level):
        self.level, self.rest = level, ''
    def writable(self):
        return True
    def write(self, text):
        *lines, self.rest = (self.rest + text).split('\n')
        for line in lines:
            say('L', json.dumps([self.level, line[:16384]]))
        return len(text)
    def close_line(self):
        if self.rest:
            self.write('\n')

class Log:
    def __call__(self, *values):
        self.info(*values)
    def _line(self, level, values):
        say('L', json.dumps([level, ' '.join(map(str, values))[:16384]]))
    def debug(self, *values): self._line('debug', values)
    def info(self, *values): self._line('info', values)
    def warn(self, *values): self._line('warn', values)
    def error(self, *values): self._line('error', values)

class ToolError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

class Tools:
    def __init__(self):
        self.asked, self.guard = 0, threading.Lock()
    def call(self, name, args=None):
        text = json.dumps({} if args is None else args, allow_nan=False)
        with self.guard:
            self.asked += 1
            mine = self.asked
            answers[mine] = box = queue.Queue()
        say('C', json.dumps({'id': mine, 'name': name, 'args': text}))
        answer = box.get()
        if not answer['ok']:
            raise ToolError(answer['code'], answer['text'])
        return json.loads(answer['text'])

class Context:
    tools, log = Tools(), Log()

def listen():
    first = sys.stdin.buffer.readline()
    if first:
        heard.put(json.loads(first))
    for line in sys.stdin.buffer:
        answer = json.loads(line)
        answers.pop(answer['id']).put(answer)
    os._exit(1)

def freeze(now_ms):
    seconds = now_ms / 1000
    time.time = lambda: seconds
    time.time_ns = lambda: now_ms * 1000000
    real = datetime.datetime
    class Frozen(real):
        @classmethod
        def now(cls, tz=None):
            return real.fromtimestamp(seconds, tz)
        @classmethod
        def utcnow(cls):
            return real.fromtimestamp(seconds, datetime.timezone.utc).replace(tzinfo=None)
    datetime.datetime = Frozen

def place(error):
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == 'function']
    return f' (line {lines[-1]})' if lines else ''

def takes_context(main):
    try:
        inspect.signature(main).bind(None, None)
        return True
    except TypeError:
        return False
    except ValueError:
        return True

def run(code, envelope):
    if envelope['nowMs'] is not None:
        freeze(envelope['nowMs'])
    if envelope['seed'] is not None:
        random.seed(envelope['seed'])
    scope = {'__name__': 'function'}
    exec(code, scope)
    main = scope.get('main')
    if not callable(main):
        fail('compile', 'The function defines no main(input, context).')
    given = json.loads(envelope['input'])
    return main(given, Context()) if takes_context(main) else main(given)

def begin(envelope):
    try:
        code = compile(envelope['source'], 'function', 'exec')
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, 'lineno', None), getattr(error, 'offset', None)
        message = getattr(error, 'msg', None) or str(error)
        if envelope['mode'] == 'check':
            end('P', json.dumps([{'line': line, 'column': column or None, 'message': message}]))
        fail('compile', message + (f' (line {line})' if line else ''))
    if envelope['mode'] == 'check':
        end('P', '[]')
    out, err = Printed('info'), Printed('warn')
    sys.stdout, sys.stderr = out, err
    try:
        output = run(code, envelope)
    except MemoryError:
        fail('memory', 'The function took more memory than it may.')
    except SystemExit as error:
        fail('thrown', f'The function left with {error.code}.')
    except BaseException as error:
        fail('thrown', f'{type(error).__name__}: {error}{place(error)}')
    out.close_line()
    err.close_line()
    try:
        text = json.dumps(output, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        fail('json', f'The result is no JSON: {error}')
    end('R', text)

threading.Thread(target=listen, daemon=True).start()
begin(heard.get())
`
