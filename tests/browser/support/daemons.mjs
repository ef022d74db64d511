// Real daemons on loopback for the tests: a private PostgreSQL, vetchart-central, nodes. What is started here is
// stopped here, by its own process; every wait has a condition and a deadline.
import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const built = process.env.VETCHART_BUILD_DIR ?? path.join(root, 'build/release');
export const EDGE = path.join(built, 'vetchart-edge');
export const CENTRAL = path.join(built, 'vetchart-central');
export const PASSWORD = 'a good password';
const PG_BIN = '/usr/lib/postgresql/15/bin';
const isRoot = process.getuid() === 0;

// Long enough for two busy cores; a test that passes never waits for it.
export const PATIENCE_MS = 45_000;

export async function until(what, condition, seconds = PATIENCE_MS / 1000) {
    const deadline = Date.now() + seconds * 1000;
    let last;
    for (;;) {
        try {
            const found = await condition();
            if (found) return found;
        } catch (error) {
            last = error;
        }
        if (Date.now() > deadline) throw new Error(`gave up waiting for: ${what}${last ? ` (${last.message})` : ''}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

function isFree(port) {
    return new Promise((resolve) => {
        const server = createServer();
        server.on('error', () => resolve(false));
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
}

// Central is stopped and comes back at the same address: a port below those the system gives away by itself, so that
// nobody takes it in between.
const PORTS_FROM = 20_000;
const PORTS_COUNT = 12_000;
const PORT_TRIES = 100;
async function freePort() {
    for (let i = 0; i < PORT_TRIES; i += 1) {
        const port = PORTS_FROM + Math.floor(Math.random() * PORTS_COUNT);
        if (await isFree(port)) return port;
    }
    throw new Error('no free port');
}

// The clinic's zone is the one where it is between eleven and noon: whenever the tests run, no day of theirs ends
// under them.
const HOUR_MS = 3_600_000;
const hoursAhead = 11 - new Date().getUTCHours();
export const ZONE = hoursAhead === 0 ? 'UTC' : `Etc/GMT${hoursAhead > 0 ? '-' : '+'}${Math.abs(hoursAhead)}`;

// The clinic's calendar day, `offset` days from today.
export const dayFromNow = (offset = 0) =>
    new Date(Date.now() + hoursAhead * HOUR_MS + offset * 24 * HOUR_MS).toISOString().slice(0, 10);

// Runs a command with text on its standard input.
function runWithInput(command, args, input, env = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
        let text = '';
        let problem = '';
        child.stdout.on('data', (piece) => (text += piece));
        child.stderr.on('data', (piece) => (problem += piece));
        child.on('error', reject);
        child.on('exit', (code) => {
            if (code === 0) resolve(text);
            else reject(new Error(`${path.basename(command)} ${args[0]} ended with ${code}: ${problem || text}`));
        });
        child.stdin.end(input);
    });
}

// A program that prints "listening on URL"; answers its URL.
class Daemon {
    constructor(command, args, env = {}) {
        Object.assign(this, { command, args, env, child: null, log: '' });
    }
    async start() {
        this.log = '';
        this.child = spawn(this.command, this.args, {
            stdio: ['ignore', 'pipe', 'pipe'],
            env: { ...process.env, ...this.env },
        });
        const take = (piece) => (this.log += piece);
        this.child.stdout.on('data', take);
        this.child.stderr.on('data', take);
        let ended = false;
        this.child.on('exit', () => (ended = true));
        const found = await until(`${path.basename(this.command)} to listen`, () => {
            if (ended) throw new Error(this.log);
            return this.log.match(/^listening on (\S+)/m);
        });
        this.url = found[1].replace(/\/$/, '');
        return this.url;
    }
    async stop() {
        const { child } = this;
        this.child = null;
        if (child === null || child.exitCode !== null) return;
        const gone = new Promise((resolve) => child.on('exit', resolve));
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
        await gone;
        clearTimeout(timer);
    }
}

class Postgres {
    constructor(dir) {
        this.dir = path.join(dir, 'pg');
        this.conninfo = `host=${this.dir} user=vet dbname=vetchart`;
    }
    // PostgreSQL refuses to run as root: there, its programs run as the package's own user.
    server(program, args) {
        const command = path.join(PG_BIN, program);
        return isRoot ? run('runuser', ['-u', 'postgres', '--', command, ...args], { cwd: '/' }) : run(command, args);
    }
    async start() {
        await mkdir(this.dir, { mode: 0o700 });
        if (isRoot) {
            const { stdout } = await run('id', ['-u', 'postgres']);
            await chown(this.dir, Number(stdout), Number(stdout));
        }
        const data = path.join(this.dir, 'data');
        await this.server('initdb', ['-D', data, '-U', 'vet', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N']);
        const options = `-c listen_addresses='' -c unix_socket_directories='${this.dir}' -c fsync=off`;
        await this.server('pg_ctl', ['-D', data, '-l', path.join(this.dir, 'log'), '-w', '-o', options, 'start']);
        await this.sql('CREATE DATABASE vetchart', 'postgres');
    }
    async sql(text, database = 'vetchart') {
        const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', `host=${this.dir} user=vet dbname=${database}`];
        const { stdout } = await run('psql', [...args, '-c', text]);
        return stdout.trim();
    }
    async stop() {
        await this.server('pg_ctl', ['-D', path.join(this.dir, 'data'), '-m', 'fast', '-w', 'stop']);
    }
}

// A node as its API sees it, with a login of its own.
export class Node {
    constructor(name, dir, daemon) {
        Object.assign(this, { name, dir, daemon, token: null });
    }
    get url() {
        return this.daemon.url;
    }
    async login(email, password = PASSWORD) {
        this.token = null;
        this.token = (await this.api('POST', '/api/auth/login', { username: email, password })).token;
    }
    async api(method, to, body) {
        const headers = { 'Content-Type': 'application/json', 'X-VetChart': '1' };
        if (this.token) headers.Authorization = `Bearer ${this.token}`;
        const response = await fetch(this.url + to, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${to}: ${response.status} ${text}`);
        return text === '' ? null : JSON.parse(text);
    }
    sync() {
        return this.api('POST', '/api/sync/now', {});
    }
    stop() {
        return this.daemon.stop();
    }
}

export class Clinic {
    static async open() {
        const clinic = new Clinic();
        clinic.dir = await mkdtemp(path.join(tmpdir(), 'vetchart-browser-'));
        // PostgreSQL's own user has to reach its folder when this runs as root.
        await chmod(clinic.dir, 0o711);
        clinic.nodes = [];
        return clinic;
    }

    // A node that works without central: the folder made by `init`, its administrator's password PASSWORD.
    async aloneNode(email = 'ada@clinic.example') {
        const dir = path.join(this.dir, 'alone');
        await runWithInput(EDGE, ['init', '--data', dir, '--admin-email', email], PASSWORD + '\n');
        return this.serve('alone', dir);
    }

    // A node on an empty folder: in set-up mode.
    async emptyNode(name = 'empty') {
        return this.serve(name, path.join(this.dir, name));
    }

    async serve(name, dir) {
        const daemon = new Daemon(EDGE, ['serve', '--data', dir, '--listen', '127.0.0.1:0']);
        await daemon.start();
        const node = new Node(name, dir, daemon);
        this.nodes.push(node);
        return node;
    }

    async startCentral() {
        this.postgres = new Postgres(this.dir);
        await this.postgres.start();
        this.env = { DATABASE_URL: this.postgres.conninfo };
        await this.admin(['migrate']);
        const port = await freePort();
        this.central = new Daemon(CENTRAL, ['serve', '--listen', `127.0.0.1:${port}`, '--plain-http'], this.env);
        await this.central.start();
        await this.admin(['clinic', 'add', '--code', 'NORTH', '--name', 'North Clinic', '--timezone', ZONE]);
        for (const [email, first, last, role] of [
            ['ada@north.example', 'Ada', 'Moss', 'admin'],
            ['vera@north.example', 'Vera', 'Lind', 'veterinarian'],
            ['finn@north.example', 'Finn', 'Ross', 'staff'],
        ]) {
            const who = ['--email', email, '--first', first, '--last', last, '--role', role];
            await this.admin(['staff', 'add', '--clinic', 'NORTH', ...who], PASSWORD + '\n');
        }
    }

    admin(args, input = '') {
        return runWithInput(CENTRAL, args, input, this.env);
    }

    async invite(codes = ['NORTH']) {
        const clinics = codes.flatMap((code) => ['--clinic', code]);
        const text = await this.admin(['node', 'invite', ...clinics, '--url', this.central.url]);
        return text.trim().split('\n').pop();
    }

    async enrolledNode(name, code = 'NORTH', email = 'ada@north.example') {
        const dir = path.join(this.dir, name);
        const token = await this.invite([code]);
        await runWithInput(EDGE, ['enroll', '--data', dir, '--token', token, '--name', name], '');
        const node = await this.serve(name, dir);
        await until(`${name} to have its clinic`, async () => {
            await node.login(email);
            return true;
        });
        return node;
    }

    async close() {
        const problems = [];
        const stop = (what) => what.catch((error) => problems.push(error));
        for (const node of this.nodes) await stop(node.stop());
        if (this.central) await stop(this.central.stop());
        if (this.postgres) await stop(this.postgres.stop());
        await rm(this.dir, { recursive: true, force: true });
        if (problems.length > 0) throw problems[0];
    }
}

