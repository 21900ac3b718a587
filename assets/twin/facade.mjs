// Dresses SolidPolygonLayer's plain walls: floor bands, windows, a darker foot, a lighter roof.
// All of it is worked out in the shader from the wall's own length and height, so that a building
// costs its footprint and nothing more.

const uniforms = `\
layout(std140) uniform facadeUniforms {
  float lit;
  float foot;
  float roofGain;
  float windows;
  vec3 unlit;
} facade;
`;

const facadeModule = {
  name: "facade",
  vs: uniforms,
  fs: uniforms,
  uniformTypes: { lit: "f32", foot: "f32", roofGain: "f32", windows: "f32", unlit: "vec3<f32>" },
};

const inject = {
  "vs:#decl": `
out vec2 vWall;
flat out vec4 vBlock;
out vec3 vLight;
out vec2 vSpot;
flat out float vDress;
`,
  "vs:#main-end": `
vSpot = geometry.worldPosition.xy;
vDress = floor(fillColors.a * 255.0 + 0.5);
vLight = lighting_getLightColor(vec3(0.6), project.cameraPosition, geometry.position.xyz,
  normalize(geometry.normal)) / 0.6;
#ifdef IS_SIDE_VERTEX
  float wallLength = distance(pos.xy, nextPos.xy);
  vWall = vec2(positions.x * wallLength, elevations * positions.y);
  vBlock = vec4(wallLength, elevations, fract(dot(pos.xy, vec2(0.1731, 0.3277))), 1.0);
#else
  vWall = vec2(0.0);
  vBlock = vec4(0.0, elevations, 0.0, 0.0);
#endif
`,
  "fs:#decl": `
in vec2 vWall;
flat in vec4 vBlock;
in vec3 vLight;
in vec2 vSpot;
flat in float vDress;
// a stripe of 1.25 m in every 3 m across a roof, softened where it is finer than pixels
float roofStripe() {
  float along = (vSpot.x + vSpot.y) * 0.7071 / 3.0;
  float soft = clamp(fwidth(along), 0.001, 0.5);
  float at = fract(along);
  float stripe = smoothstep(0.0, soft, at) * smoothstep(0.4167 + soft, 0.4167, at);
  return mix(stripe, 0.4167, smoothstep(0.35, 0.9, soft));
}
float facadeHash(vec2 p) {
  return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453);
}
`,
  "fs:DECKGL_FILTER_COLOR": `
if (vBlock.w < 0.5) {
  color.rgb *= facade.roofGain;
  // 254: on paper only, 253: not known (coverage-paint.mjs)
  if (vDress > 253.5 && vDress < 254.5) color.rgb = mix(color.rgb, vec3(0.369, 0.82, 0.753) * vLight, roofStripe());
  else if (vDress > 252.5 && vDress < 253.5) color.rgb = mix(color.rgb, vec3(0.467, 0.518, 0.561) * vLight, roofStripe());
} else {
  float height = vBlock.y;
  float wall = vBlock.x;
  float up = clamp(vWall.y / 22.0, 0.0, 1.0);
  color.rgb *= mix(facade.foot, 1.0, sqrt(up));
  float storeys = max(1.0, floor(height / 3.0 + 0.2));
  float pitch = height / storeys;
  float bays = max(1.0, floor(wall / 3.3));
  float bay = wall / bays;
  vec2 cell = vec2(vWall.x / bay, vWall.y / pitch);
  vec2 at = fract(cell);
  vec2 id = floor(cell);
  // how many pixels a window takes: below two, windows melt into the wall instead of flickering
  vec2 step = fwidth(cell);
  float far = smoothstep(0.75, 0.22, max(step.x, step.y));
  vec2 soft = clamp(step, 0.001, 0.45);
  float band = smoothstep(0.08 - soft.y, 0.08 + soft.y * 0.5, at.y);
  color.rgb *= mix(1.0, mix(0.86, 1.0, band), far);
  if (facade.windows > 0.5 && wall > 2.6 && height > 2.6) {
    float seed = facadeHash(id + vBlock.z * 61.0);
    float half_w = 0.24 + 0.10 * facadeHash(vec2(id.x, vBlock.z * 7.0));
    float inside = smoothstep(half_w + soft.x, half_w - soft.x * 0.5, abs(at.x - 0.5))
      * smoothstep(0.25 + soft.y, 0.25 - soft.y * 0.5, abs(at.y - 0.52));
    bool isLit = facadeHash(id * 1.7 + vBlock.z * 113.0) < facade.lit;
    vec3 warm = seed < 0.62 ? vec3(1.0, 0.776, 0.478)
      : seed < 0.86 ? vec3(1.0, 0.886, 0.698) : vec3(0.808, 0.871, 1.0);
    vec3 glass = isLit ? warm * (0.50 + 0.36 * facadeHash(id + 3.3)) : facade.unlit * vLight * 0.9;
    float average = (0.5 * half_w / 0.29) * 0.5;
    vec3 blurred = mix(facade.unlit * vLight * 0.9, warm * 0.6, facade.lit * 0.8);
    color.rgb = mix(mix(color.rgb, blurred, average), mix(color.rgb, glass, inside), far);
    // a pale sill and balcony edge below every window
    float sill = smoothstep(0.03 + soft.y, 0.03, abs(at.y - 0.22)) * step_in(at.x, half_w);
    color.rgb *= 1.0 + 0.16 * sill * far;
  }
}
`,
};

inject["fs:#decl"] += `
float step_in(float x, float half_w) {
  return step(abs(x - 0.5), half_w + 0.05);
}
`;

/** @returns {any} a deck.gl LayerExtension class, made once deck is loaded */
export function makeFacadeExtension(deck) {
  class FacadeExtension extends deck.LayerExtension {
    getShaders() {
      return { modules: [facadeModule], inject };
    }

    draw() {
      this.setShaderModuleProps({ facade: this.props.facade });
    }
  }
  FacadeExtension.extensionName = "FacadeExtension";
  FacadeExtension.defaultProps = {
    facade: { type: "object", value: { lit: 0, foot: 1, roofGain: 1, windows: 1, unlit: [0, 0, 0] } },
  };
  return FacadeExtension;
}
