// The official library sealing and opening 1 KiB in this process, with stores
// in memory that keep serialised sessions, as the Go benchmark's store does.
// node peer.mjs NODE_MODULES ROUNDS -> {"OneWay": us, "PingPong": us} each for
// one message sealed and opened. Measurement only.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [modules, rounds] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const lib = await import(pathToFileURL(require.resolve('lsc-0.103')));

class Sessions extends lib.SessionStore {
  records = new Map();
  async saveSession(a, r) { this.records.set(a.toString(), r.serialize()); }
  async getSession(a) {
    const r = this.records.get(a.toString());
    return r ? lib.SessionRecord.deserialize(r) : null;
  }
  async getExistingSessions(all) { return Promise.all(all.map((a) => this.getSession(a))); }
}
class Identities extends lib.IdentityKeyStore {
  known = new Map();
  constructor(key) { super(); this.key = key; }
  async getIdentityKey() { return this.key; }
  async getLocalRegistrationId() { return 1; }
  async getIdentity(a) { return this.known.get(a.toString()) ?? null; }
  async isTrustedIdentity() { return true; }
  async saveIdentity(a, key) { this.known.set(a.toString(), key); return lib.IdentityChange.NewOrUnchanged; }
}
class PreKeys extends lib.PreKeyStore {
  async savePreKey() {}
  async getPreKey() { throw new Error('none'); }
  async removePreKey() {}
}
class Signed extends lib.SignedPreKeyStore {
  keys = new Map();
  async saveSignedPreKey(id, r) { this.keys.set(id, r); }
  async getSignedPreKey(id) { return this.keys.get(id); }
}
class Kyber extends lib.KyberPreKeyStore {
  keys = new Map();
  async saveKyberPreKey(id, r) { this.keys.set(id, r); }
  async getKyberPreKey(id) { return this.keys.get(id); }
  async markKyberPreKeyUsed() {}
}

function person(name) {
  const key = lib.PrivateKey.generate();
  const p = { address: lib.ProtocolAddress.new(name, 1), key, sessions: new Sessions(), identities: new Identities(key),
    preKeys: new PreKeys(), signed: new Signed(), kyber: new Kyber() };
  const s = lib.PrivateKey.generate(), k = lib.KEMKeyPair.generate();
  p.signed.keys.set(1, lib.SignedPreKeyRecord.new(1, 0, s.getPublicKey(), s, key.sign(s.getPublicKey().serialize())));
  p.kyber.keys.set(1, lib.KyberPreKeyRecord.new(1, 0, k, key.sign(k.getPublicKey().serialize())));
  return p;
}

async function round(from, to, text) {
  const c = await lib.signalEncrypt(text, to.address, from.address, from.sessions, from.identities);
  const body = c.serialize();
  const got = c.type() === lib.CiphertextMessageType.PreKey
    ? await lib.signalDecryptPreKey(lib.PreKeySignalMessage.deserialize(body), from.address, to.address, to.sessions, to.identities,
      to.preKeys, to.signed, to.kyber)
    : await lib.signalDecrypt(lib.SignalMessage.deserialize(body), from.address, to.address, to.sessions, to.identities);
  if (got.length !== text.length) throw new Error('another text came out');
}

async function met() {
  const a = person('alice'), b = person('bob');
  const s = b.signed.keys.get(1), k = b.kyber.keys.get(1);
  await lib.processPreKeyBundle(lib.PreKeyBundle.new(1, 1, null, null, 1, s.publicKey(), s.signature(), b.key.getPublicKey(),
    1, k.publicKey(), k.signature()), b.address, a.address, a.sessions, a.identities);
  await round(a, b, Buffer.from('hello'));
  await round(b, a, Buffer.from('hello'));
  return [a, b];
}

async function measure(answering) {
  let [from, to] = await met();
  const text = Buffer.alloc(1024, 'x');
  const n = Number(rounds);
  for (let i = 0; i < n / 10; i++) await round(from, to, text);
  if (answering) await round(to, from, text);
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
    await round(from, to, text);
    if (answering) [from, to] = [to, from];
  }
  return Number(process.hrtime.bigint() - start) / 1e3 / n;
}

console.log(JSON.stringify({ OneWay: await measure(false), PingPong: await measure(true) }));
