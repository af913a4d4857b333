// People on the official library in the version that is the first argument
// (lsc-0.90 or lsc-0.103), driven by lines of JSON on standard input:
// {"op": ..., ...} in, {...} or {"error": ..., "code": ...} out, in order.
// Bytes travel as base64. Test only.
import { createInterface } from 'node:readline';

const lib = await import(process.argv[2]);
// From 0.92 on the own address is an argument of most calls, one by one.
const namesItself = process.argv[2] === 'lsc-0.103';

const b64 = (b) => Buffer.from(b).toString('base64');
const raw = (s) => Buffer.from(s, 'base64');
const people = new Map();

class Sessions extends lib.SessionStore {
  records = new Map();
  async saveSession(address, record) { this.records.set(address.toString(), record.serialize()); }
  async getSession(address) {
    const r = this.records.get(address.toString());
    return r ? lib.SessionRecord.deserialize(r) : null;
  }
  async getExistingSessions(addresses) {
    return Promise.all(addresses.map((a) => this.getSession(a)));
  }
}

class Identities extends lib.IdentityKeyStore {
  known = new Map();
  constructor(key, registration) { super(); this.key = key; this.registration = registration; }
  async getIdentityKey() { return this.key; }
  async getLocalRegistrationId() { return this.registration; }
  async getIdentity(address) { return this.known.get(address.toString()) ?? null; }
  async isTrustedIdentity(address, key) {
    const old = this.known.get(address.toString());
    return !old || old.equals(key);
  }
  async saveIdentity(address, key) {
    const changed = !(await this.isTrustedIdentity(address, key));
    this.known.set(address.toString(), key);
    return changed ? lib.IdentityChange.ReplacedExisting : lib.IdentityChange.NewOrUnchanged;
  }
}

const keyed = (Base, what) => class extends Base {
  keys = new Map();
  find(id) {
    if (!this.keys.has(id)) throw new Error(`no ${what} ${id}`);
    return this.keys.get(id);
  }
};
class PreKeys extends keyed(lib.PreKeyStore, 'one-time pre-key') {
  async savePreKey(id, r) { this.keys.set(id, r); }
  async getPreKey(id) { return this.find(id); }
  async removePreKey(id) { this.keys.delete(id); }
}
class SignedPreKeys extends keyed(lib.SignedPreKeyStore, 'signed pre-key') {
  async saveSignedPreKey(id, r) { this.keys.set(id, r); }
  async getSignedPreKey(id) { return this.find(id); }
}
class KyberPreKeys extends keyed(lib.KyberPreKeyStore, 'Kyber pre-key') {
  used = new Set();
  async saveKyberPreKey(id, r) { this.keys.set(id, r); }
  async getKyberPreKey(id) { return this.find(id); }
  async markKyberPreKeyUsed(id, signed, base) {
    const use = `${id}/${signed}/${b64(base.serialize())}`;
    if (this.used.has(use)) throw new Error('replayed');
    this.used.add(use);
  }
}

class SenderKeys extends lib.SenderKeyStore {
  records = new Map();
  key(sender, id) { return `${sender.toString()} ${id}`; }
  async saveSenderKey(sender, id, record) { this.records.set(this.key(sender, id), record.serialize()); }
  async getSenderKey(sender, id) {
    const r = this.records.get(this.key(sender, id));
    return r ? lib.SenderKeyRecord.deserialize(r) : null;
  }
}

function person({ who, name, device, registration, privateKey }) {
  const key = privateKey ? lib.PrivateKey.deserialize(raw(privateKey)) : lib.PrivateKey.generate();
  const p = {
    key, name, device, registration, next: 1,
    sessions: new Sessions(), identities: new Identities(key, registration),
    preKeys: new PreKeys(), signed: new SignedPreKeys(), kyber: new KyberPreKeys(), senders: new SenderKeys(),
  };
  const signed = lib.PrivateKey.generate();
  p.signed.keys.set(1, lib.SignedPreKeyRecord.new(1, 0, signed.getPublicKey(), signed,
    key.sign(signed.getPublicKey().serialize())));
  const kem = lib.KEMKeyPair.generate();
  p.kyber.keys.set(1, lib.KyberPreKeyRecord.new(1, 0, kem, key.sign(kem.getPublicKey().serialize())));
  people.set(who, p);
  return { identity: b64(key.getPublicKey().serialize()) };
}

function bundle({ who, oneTime }) {
  const p = people.get(who);
  const signed = p.signed.find(1), kyber = p.kyber.find(1);
  const out = {
    registration: p.registration, device: p.device, identity: b64(p.key.getPublicKey().serialize()),
    signedID: 1, signedKey: b64(signed.publicKey().serialize()), signedSignature: b64(signed.signature()),
    kyberID: 1, kyberKey: b64(kyber.publicKey().serialize()), kyberSignature: b64(kyber.signature()),
  };
  if (oneTime) {
    const id = p.next++, key = lib.PrivateKey.generate();
    p.preKeys.keys.set(id, lib.PreKeyRecord.new(id, key.getPublicKey(), key));
    out.preKeyID = id;
    out.preKey = b64(key.getPublicKey().serialize());
  }
  return out;
}

const address = (m) => lib.ProtocolAddress.new(m.peer, m.peerDevice);
const addresses = (m) => {
  const p = people.get(m.who);
  return namesItself ? [address(m), lib.ProtocolAddress.new(p.name, p.device)] : [address(m)];
};
const at = (m) => (m.at ? new Date(m.at) : new Date());

async function process_({ bundle: b, ...m }) {
  const p = people.get(m.who);
  const made = lib.PreKeyBundle.new(b.registration, b.device, b.preKeyID ?? null,
    b.preKey ? lib.PublicKey.deserialize(raw(b.preKey)) : null,
    b.signedID, lib.PublicKey.deserialize(raw(b.signedKey)), raw(b.signedSignature),
    lib.PublicKey.deserialize(raw(b.identity)),
    b.kyberID, lib.KEMPublicKey.deserialize(raw(b.kyberKey)), raw(b.kyberSignature));
  await lib.processPreKeyBundle(made, ...addresses(m), p.sessions, p.identities, at(m));
  return {};
}

async function encrypt(m) {
  const p = people.get(m.who);
  const c = await lib.signalEncrypt(raw(m.text), ...addresses(m), p.sessions, p.identities, at(m));
  return { type: c.type(), body: b64(c.serialize()) };
}

async function decrypt(m) {
  const p = people.get(m.who), body = raw(m.body);
  const text = m.type === lib.CiphertextMessageType.PreKey
    ? await lib.signalDecryptPreKey(lib.PreKeySignalMessage.deserialize(body), ...addresses(m),
      p.sessions, p.identities, p.preKeys, p.signed, p.kyber)
    : await lib.signalDecrypt(lib.SignalMessage.deserialize(body), ...addresses(m), p.sessions, p.identities);
  return { text: b64(text) };
}

const self = (p) => lib.ProtocolAddress.new(p.name, p.device);

async function distribute(m) {
  const p = people.get(m.who);
  return { body: b64((await lib.SenderKeyDistributionMessage.create(self(p), m.group, p.senders)).serialize()) };
}

async function accept(m) {
  const p = people.get(m.who);
  await lib.processSenderKeyDistributionMessage(address(m), lib.SenderKeyDistributionMessage.deserialize(raw(m.body)), p.senders);
  return {};
}

async function encryptGroup(m) {
  const p = people.get(m.who);
  return { body: b64((await lib.groupEncrypt(self(p), m.group, p.senders, raw(m.text))).serialize()) };
}

async function decryptGroup(m) {
  return { text: b64(await lib.groupDecrypt(address(m), people.get(m.who).senders, raw(m.body))) };
}

function fingerprint(m) {
  return lib.Fingerprint.new(m.iterations, m.version, raw(m.localID), lib.PublicKey.deserialize(raw(m.localKey)),
    raw(m.remoteID), lib.PublicKey.deserialize(raw(m.remoteKey)));
}

const ops = {
  person, bundle, process: process_, encrypt, decrypt, distribute, accept, encryptGroup, decryptGroup,
  forgetGroup: (m) => { people.get(m.who).senders.records.clear(); return {}; },
  forget: (m) => { people.get(m.who).sessions.records.delete(address(m).toString()); return {}; },
  sign: (m) => ({ signature: b64(lib.PrivateKey.deserialize(raw(m.privateKey)).sign(raw(m.message))) }),
  publicKey: (m) => ({ key: b64(lib.PrivateKey.deserialize(raw(m.privateKey)).getPublicKey().serialize()) }),
  agree: (m) => ({ shared: b64(lib.PrivateKey.deserialize(raw(m.privateKey)).agree(lib.PublicKey.deserialize(raw(m.key)))) }),
  verify: (m) => ({ ok: lib.PublicKey.deserialize(raw(m.key)).verify(raw(m.message), raw(m.signature)) }),
  safety: (m) => {
    const f = fingerprint(m);
    return { digits: f.displayableFingerprint().toString(), code: b64(f.scannableFingerprint().toBuffer()) };
  },
  scan: (m) => ({ ok: fingerprint(m).scannableFingerprint().compare(new lib.ScannableFingerprint(raw(m.code))) }),
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const m = JSON.parse(line);
    answer = await ops[m.op](m);
  } catch (e) {
    answer = { error: String(e.message ?? e), code: e.name };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
