// What the core answers.

export type Who = { id: string; me: boolean; phone?: string; confirmed?: boolean; name?: string };
export type Run = { text: string; look: string[] };
export type Filed = { kind: "document" | "photo" | "video" | "voice"; name: string; type: string; size: number; width: number; height: number; length: number; state: "bringing" | "there" | "here" | "lost" | "broken"; done: number; total: number; thumb?: Uint8Array<ArrayBuffer>; wave?: Uint8Array };
export type Reply = { here: boolean; file?: { kind: Filed["kind"]; name: string }; seq?: number; text?: string; place?: boolean; deleted?: boolean; own?: boolean; who?: Who };
export type Notice = { id: string; case: string; asker: string; process: string; citation: string; fields: string[]; before: boolean; discloses: number; text: string };
export type Place = { lat: number; lon: number; within: number; at: number; until: number; ended: boolean };
export type Entry = {
  seq: number; kind: string; talk: string; own: boolean; who?: Who; at: number; sent: number; state: string; why: string; phone: string; deleted: boolean; edited: number;
  delivered: number; read: number; timer: number; ends: number; text?: string; brief?: string; typed?: string; runs?: Run[]; reactions: { emoji: string; own: boolean; who: Who }[]; reply?: Reply;
  event?: { act: number; who: Who[]; name: string; why: string }; notice?: Notice; title?: string; device: number; file?: Filed; place?: Place;
};
export type Chat = { id: string; unread: number; group?: boolean; title?: string; left?: boolean; waiting?: string[]; who?: Who; last?: Entry };
export type Member = { who: Who; role: string };
export type Group = { id: string; name: string; members: Member[]; waiting: Who[]; link: string; approval: boolean; timer: number; left: boolean; own: string };
