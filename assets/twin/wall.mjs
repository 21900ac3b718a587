// One wall screen: puts its layout, camera, channel, tour, modes and self-watch together.

import { clearWindow } from "./places.mjs";
import { Caption } from "./wall-caption.mjs";
import { WallCamera } from "./wall-camera.mjs";
import { Care } from "./wall-care.mjs";
import { WallChannel } from "./wall-channel.mjs";
import { ServerClock } from "./wall-clock.mjs";
import { Health } from "./wall-health.mjs";
import { WallKeys } from "./wall-keys.mjs";
import { WallLayout } from "./wall-layout.mjs";
import { Modes } from "./wall-modes.mjs";
import { PairCard } from "./wall-pair.mjs";
import { readScreen } from "./wall-screen.mjs";
import { Tour } from "./wall-tour.mjs";

const SCALE_PX = 22 / 1.2; // base unit at which marks have their plain size
const STEP = { in: { zoom: 0.6 }, out: { zoom: -0.6 }, left: { bearing: -20 }, right: { bearing: 20 } };

export class Wall {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.page = null;
    this.screen = readScreen(location.search, innerWidth, innerHeight);
    this.layout = new WallLayout(this);
    this.clock = new ServerClock(`${twin.api}/api/v1/wall/clock`);
    this.commands = null;
    this.onResize = () => this.resized();
    addEventListener("resize", this.onResize);
  }

  /** How large marks are drawn. */
  get pixelScale() {
    return Math.max(1, this.screen.base / SCALE_PX);
  }

  makeCamera(deck, apply) {
    return new WallCamera(deck, apply, {
      now: () => this.clock.now(),
      tiled: this.screen.tiled,
      leads: () => Boolean(this.channel?.leads),
      busy: () => this.incident || Boolean(this.tour?.state.on) || Boolean(this.twin.picked),
      say: (move) => this.channel?.say({ move }),
    });
  }

  /** Once the words and the map's description are here. */
  start() {
    if (this.channel) return;
    this.modes = new Modes(this);
    this.health = new Health(this);
    this.care = new Care(this);
    this.pair = new PairCard(this);
    this.keys = new WallKeys(this);
    this.channel = new WallChannel(this.twin.api, this.screen, {
      said: (state, more) => this.#said(state, more),
      beat: ({ assets }) => this.care.follow(assets),
      figures: () => this.health.figures(),
    });
    this.tour = new Tour(this);
    this.caption = new Caption(this);
    this.onPick = ({ detail }) => this.#picked(detail);
    addEventListener("twin:pick", this.onPick);
    this.modeTimer = setInterval(() => this.#tellMode(), 1000);
    this.clock.start();
    this.channel.start();
    this.tour.load().then(() => {
      if (new URLSearchParams(location.search).has("tour")) this.#playWhenReady();
    });
  }

  #playWhenReady() {
    const timer = setInterval(() => {
      if (!this.twin.drawn || (this.screen.tiled && this.channel.leader === null)) return;
      clearInterval(timer);
      if (this.channel.leads && !this.tour.state.on) this.tour.play();
    }, 500);
  }

  attach(page) {
    this.page = page;
    this.start();
    this.keys.attach(page);
    this.caption.attach(page);
    this.layout.attach(page);
    this.modes.follow(this.channel.state);
  }

  destroy() {
    removeEventListener("resize", this.onResize);
    removeEventListener("twin:pick", this.onPick);
    clearInterval(this.modeTimer);
    this.layout.detach();
    this.clock.stop();
    for (const part of ["modes", "health", "care", "pair", "keys", "tour", "caption"]) {
      this[part]?.destroy();
    }
    this.channel?.stop();
    const root = document.documentElement;
    for (const name of ["wall", "tile", "lost"]) delete root.dataset[name];
  }

  resized() {
    const before = this.screen.tiled;
    Object.assign(this.screen, readScreen(location.search, innerWidth, innerHeight));
    if (before !== this.screen.tiled) return;
    this.layout.prepare();
    this.layout.fit();
  }

  /** The layout changed: what the camera may use did too. */
  measured() {
    const { map } = this.twin;
    if (!map || !this.page) return;
    const { left, right, top, bottom } = clearWindow(this.page);
    const clear = [left, right, top, bottom].map(Math.round).join();
    if (clear === this.clear) return;
    this.clear = clear;
    this.twin.fit();
    const root = document.documentElement.style;
    for (const [name, value] of Object.entries({ left, right, top, bottom })) {
      root.setProperty(`--clear-${name}`, `${Math.round(value)}px`);
    }
  }

  /** Whether something grave has the wall. */
  get incident() {
    return Boolean(this.page?.classList.contains("taken-over"));
  }

  get mode() {
    if (this.incident) return "incident";
    if (this.twin.map?.camera?.held) return "held";
    return this.tour?.state.on && !this.tour.state.paused ? "tour" : "calm";
  }

  #tellMode() {
    if (this.twin.map?.camera) this.twin.map.camera.still = this.incident;
    if (this.channel.leads && this.channel.state.mode !== this.mode) {
      this.channel.say({ mode: this.mode });
    }
  }

  #said(state, { before, assets }) {
    this.care.follow(assets);
    this.follow(before);
    this.caption.refresh();
    const { command } = state;
    // what was commanded before this page was there is past
    if (this.commands === null || !command) this.commands = command?.n ?? 0;
    else if (command.n !== this.commands) {
      this.commands = command.n;
      if (this.channel.leads) this.do(command.do, command.with);
    }
  }

  /** Shows what the channel's state says. */
  follow(before = {}) {
    const { state } = this.channel;
    const { map } = this.twin;
    if (!this.page || !map) return;
    this.modes.follow(state);
    if (state.layers && state.layers !== this.layers) {
      this.layers = state.layers;
      this.twin.controls?.choose(state.layers);
    }
    if (this.screen.tiled && state.move && state.move !== before.move) this.#adopt(state.move);
    const picked = this.twin.picked;
    const wanted = state.pick ?? null;
    const same = picked?.layer === wanted?.layer && picked?.id === wanted?.id;
    if ("pick" in state && !same) {
      this.following = true;
      const fly = this.channel.leads;
      if (fly) map.camera.byMachine?.();
      this.twin.pick(wanted, { fly });
      this.following = false;
    }
  }

  #adopt(move) {
    const { camera } = this.twin.map;
    // the machine's own moves come from the leader: another one is a person's
    if (this.channel.leads && camera.move && move.at > camera.move.at) camera.hold();
    camera.adopt?.(move);
  }

  /** Somebody chose a thing here: all tiles show it. */
  #picked({ layer, id }) {
    if (this.following) return;
    const pick = layer && id ? { layer, id } : null;
    if (["vehicles", "people"].includes(layer)) return;
    this.channel.say({ pick });
  }

  rest() {
    const { camera, flat } = this.twin.map ?? {};
    if (flat || !camera?.home) return;
    camera.heldUntil = 0;
    camera.fly(camera.home, { ms: 1800, byPerson: true });
  }

  /** A key, a button or a remote's command. */
  do(name, argument) {
    const { channel, tour } = this;
    const { state } = channel;
    const command = { tour: "tour", pause: "toggle", play: "play", next: "next", prev: "prev", scene: "goto" };
    if (name === "fullscreen") this.#fullscreen();
    else if (name === "remote") this.pair.toggle();
    else if (["blank", "visitors", "mute"].includes(name)) this.#say({ [name]: !state[name] });
    else if (name === "theme") {
      const dark = document.documentElement.dataset.theme === "dark";
      this.#say({ theme: dark ? "day" : "dark" });
    } else if (name === "home") {
      this.twin.pick(null);
      this.rest();
    } else if (name in STEP) this.#step(STEP[name]);
    else if (name === "tour") {
      if (tour.state.on) tour.stop();
      else tour.play();
    } else if (name === "pause" && argument === undefined && !tour.state.on) tour.play();
    else if (command[name]) tour[command[name]](argument);
  }

  #say(change) {
    this.channel.say(change);
    this.follow();
  }

  #step(by) {
    const { camera, flat } = this.twin.map ?? {};
    if (flat || !camera?.view) return;
    camera.hold();
    const { zoom, bearing } = camera.view;
    camera.fly({
      zoom: Math.min(21, Math.max(13, zoom + (by.zoom ?? 0))), bearing: bearing + (by.bearing ?? 0),
    }, { ms: 500, byPerson: true });
  }

  async #fullscreen() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen({ navigationUI: "hide" });
    } catch (error) {
      console.warn(error.message);
    }
  }
}
