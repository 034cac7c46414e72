import { seedState } from '../test/fixtures/routing/seed-state.ts';
import { decideRoute } from '../shared/core/routing/decide-route.ts';
import { routerStateSchema } from '../shared/core/routing/router-state.ts';
const state = routerStateSchema.parse(seedState());
const base = { lane: undefined, maxUsd: undefined, acceptsJob: true, allowsMixed: true };
for (const [n, D] of [[1, 2],[1,undefined],[20,5],[100,undefined],[10000,undefined],[100000,300],[1e5,3600],[1e6,300],[1e6,3600],[1e6,86400],[1e7,300],[1e7,3600],[1e7,86400]] as const) {
  const d = decideRoute({ ...base, items: n, tokens: n*128, deadlineSeconds: D }, state);
  console.log(n, D, d.reason, d.isOnTime, JSON.stringify(d.chosen), d.candidates.length);
}
const d = decideRoute({ ...base, items: 1e6, tokens: 128e6, deadlineSeconds: 3600 }, state);
for (const c of d.candidates) console.log(JSON.stringify(c));
for (const [n,D] of [[1,2],[1e6,3600]] as const) { const r={ ...base, items: n, tokens: n*128, deadlineSeconds: D };
for (let i=0;i<20000;i++) decideRoute(r,state);
const t=performance.now(); for (let i=0;i<20000;i++) decideRoute(r,state); console.log((performance.now()-t)/20000*1000,'us'); }
