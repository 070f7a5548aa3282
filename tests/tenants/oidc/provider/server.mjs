// A real OpenID provider on loopback over https, with a door for tests.
//
//     node server.mjs <folder of node_modules> <key.pem> <certificate.pem> <signing.jwk>
//
// Prints its port as one line and ends when its standard input does. Each provider is opened at a path of its
// own with POST /control, a JSON body {"do": …}; see `doors` for what can be asked.

import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, keyFile, certificateFile, signingFile] = process.argv.slice(2);
const find = createRequire(`${modules}/`);
const { Provider, errors } = await import(pathToFileURL(find.resolve('oidc-provider')));

const CLAIMS = [
  'sub', 'tid', 'oid', 'amr', 'name', 'email', 'preferred_username', 'groups', 'roles', 'hasgroups', '_claim_names',
  '_claim_sources',
];
const houses = new Map();
// Keys are made elsewhere: in Node 20 a collection of garbage while a key that it made is exported can lock for ever.
const firstKey = JSON.parse(readFileSync(signingFile));
let origin;

function storeIn(rows) {
  return class {
    constructor(kind) { this.kind = kind; }
    key(id) { return `${this.kind}:${id}`; }
    async upsert(id, payload) { rows.set(this.key(id), payload); }
    async find(id) { return rows.get(this.key(id)); }
    async findByUid(uid) { return [...rows.values()].find((row) => row.uid === uid && row.kind === this.kind); }
    async findByUserCode() { return undefined; }
    async destroy(id) { rows.delete(this.key(id)); }
    async consume(id) { rows.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
    async revokeByGrantId(grant) {
      for (const [key, row] of rows) if (row.grantId === grant) rows.delete(key);
    }
  };
}

class House {
  constructor(path, options) {
    Object.assign(this, { path, options, accounts: new Map(), rows: new Map(), replies: {}, seen: [], keys: [firstKey] });
    this.build();
  }

  build() {
    const { options } = this;
    const provider = new Provider(`${origin}${this.path}`, {
      adapter: storeIn(this.rows),
      clients: [options.client],
      jwks: { keys: this.keys },
      cookies: { keys: ['of no value outside of a test'] },
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      claims: { openid: CLAIMS, profile: [], email: [] },
      conformIdTokenClaims: Boolean(options.thin),
      features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
      pkce: { required: () => true },
      rotateRefreshToken: Boolean(options.rotates),
      issueRefreshToken: async () => !options.withholdsRenewal,
      expiresWithSession: async () => false,
      findAccount: (_, id) => this.find(id),
      loadExistingGrant: (ctx) => this.grant(ctx.oidc.client.clientId, ctx.oidc.session.accountId),
      interactions: { url: (_, interaction) => `${this.path}/interaction/${interaction.uid}` },
      renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
    });
    provider.registerGrantType('password', (ctx) => this.byPassword(ctx), ['username', 'password', 'scope']);
    provider.use((ctx, next) => this.answer(ctx, next));
    this.provider = provider;
    this.callback = provider.callback();
  }

  find(id) {
    const account = this.accounts.get(id);
    return account && { accountId: id, claims: () => ({ sub: id, ...account.claims }) };
  }

  async grant(clientId, accountId) {
    const grant = new this.provider.Grant({ clientId, accountId });
    grant.addOIDCScope('openid profile email offline_access');
    await grant.save();
    return grant;
  }

  byName(username, password) {
    const found = [...this.accounts].find(([, each]) => each.username === username && each.password === password);
    return found?.[0];
  }

  async byPassword(ctx) {
    const { client, params } = ctx.oidc;
    if (this.options.demandsBrowser) throw new errors.CustomOIDCProviderError('interaction_required', 'AADSTS50076');
    const accountId = this.byName(params.username, params.password);
    if (!accountId) throw new errors.InvalidGrant('invalid username or password');
    const { AccessToken, IdToken, RefreshToken } = this.provider;
    const account = this.find(accountId);
    const grantId = (await this.grant(client.clientId, accountId)).jti;
    const scope = 'openid profile email offline_access';
    const common = { accountId, client, grantId, gty: 'password', scope };
    const access = await new AccessToken(common).save();
    const renewal = await new RefreshToken({ ...common, authTime: Math.floor(Date.now() / 1000) }).save();
    const token = new IdToken({ ...await account.claims() }, { ctx });
    token.scope = scope;
    ctx.body = {
      access_token: access, refresh_token: renewal, id_token: await token.issue({ use: 'idtoken' }), token_type: 'Bearer',
    };
  }

  // Replaces one answer of an endpoint, where a test has said so; the provider itself never lies.
  async answer(ctx, next) {
    await next();
    const route = ctx.oidc?.route ?? ctx.path;
    if (this.options.silent) keepSilent(ctx);
    const reply = this.replies[route];
    if (!reply) return;
    if (!reply.stays) delete this.replies[route];
    ctx.status = reply.status ?? ctx.status;
    ctx.body = reply.whole ?? { ...ctx.body, ...reply.members };
    for (const name of reply.drops ?? []) delete ctx.body[name];
  }

  async interact(request, response) {
    const { uid, prompt, params } = await this.provider.interactionDetails(request, response);
    if (request.method === 'GET') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><html lang="en"><title>Provider</title><h1>Sign in to ${params.client_id}</h1>
        <form method="post" action="${this.path}/interaction/${uid}">
        <label>Account <input name="username"></label><label>Password <input name="password" type="password"></label>
        <button name="answer" value="yes">Sign in</button><button name="answer" value="no">Cancel</button></form>`);
      return;
    }
    const given = new URLSearchParams(await bodyOf(request));
    const accountId = this.byName(given.get('username'), given.get('password'));
    const denied = { error: 'access_denied', error_description: 'The person said <no>' };
    const amr = this.accounts.get(accountId)?.amr;
    const result = given.get('answer') === 'no' || !accountId ? denied : { [prompt.name]: { accountId, amr } };
    await this.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  async serve(request, response) {
    request.originalUrl = request.url;
    this.seen.push({ method: request.method, url: request.url, agent: request.headers['user-agent'] ?? '' });
    if (request.url.startsWith(`${this.path}/interaction/`)) return this.interact(request, response);
    request.url = request.url.slice(this.path.length) || '/';
    return this.callback(request, response);
  }
}

// As a provider that does not name itself in its answers (RFC 9207), which Entra is.
function keepSilent(ctx) {
  const location = ctx.response.get('Location') ?? '';
  if (location.startsWith('http')) {
    const url = new URL(location);
    url.searchParams.delete('iss');
    ctx.set('Location', url.href);
  }
  if (ctx.body?.authorization_response_iss_parameter_supported) {
    ctx.body = { ...ctx.body, authorization_response_iss_parameter_supported: undefined };
  }
}

const houseAt = (path) => {
  const house = houses.get(path);
  if (!house) throw new Error(`no provider at ${path}`);
  return house;
};

const doors = {
  open: ({ path, options }) => {
    houses.set(path, new House(path, options));
    return { issuer: `${origin}${path}` };
  },
  change: ({ path, options }) => {
    const house = houseAt(path);
    Object.assign(house.options, options);
    house.build();
  },
  account: ({ path, id, account }) => {
    if (account) houseAt(path).accounts.set(id, account);
    else houseAt(path).accounts.delete(id);
  },
  rotate: ({ path, key }) => {
    const house = houseAt(path);
    house.keys = [key];
    house.build();
  },
  revoke: ({ path, id }) => {
    const { rows } = houseAt(path);
    for (const [key, row] of rows) if (row.accountId === id && key.startsWith('RefreshToken:')) rows.delete(key);
  },
  reply: ({ path, route, reply }) => { houseAt(path).replies[route] = reply; },
  seen: ({ path }) => houseAt(path).seen.splice(0),
};

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function handle(request, response) {
  if (request.url === '/control') {
    const order = JSON.parse(await bodyOf(request));
    response.end(JSON.stringify((await doors[order.do](order)) ?? {}));
    return;
  }
  const house = [...houses.values()].find((each) => request.url.startsWith(`${each.path}/`));
  if (house) await house.serve(request, response);
  else response.writeHead(404).end();
}

const tls = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) };
const server = createServer(tls, (request, response) => {
  handle(request, response).catch((error) => response.writeHead(500).end(String(error.stack)));
});
server.listen(0, '127.0.0.1', () => {
  origin = `https://localhost:${server.address().port}`;
  process.stdout.write(`${server.address().port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
