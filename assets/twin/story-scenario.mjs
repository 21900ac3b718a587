// What a visitor tries: a timeline that the server worked out, played over the common stream here alone.

const ICONS = {
  sos: "sos_pole", fire_lane: "car", living_alone: "home", typhoon: "incident", canteen: "canteen",
};

export class Scenario {
  /** @param {import("./story.mjs").Story} story */
  constructor(story) {
    this.story = story;
    this.running = false;
  }

  iconOf(name) {
    return ICONS[name] ?? "incident";
  }

  async start() {}

  stop() {
    this.running = false;
  }

  tick() {}

  place() {}

  reframe() {}
}
