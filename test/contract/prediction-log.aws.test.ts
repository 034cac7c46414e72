import { createLinePredictionLog } from '#adapters/aws/line-prediction-log.ts';
import { describePredictionLog } from './prediction-log.contract.ts';

describePredictionLog({
  name: 'the prediction log in lines of a log',
  async open() {
    const lines: string[] = [];
    const log = createLinePredictionLog({ write: (line) => void lines.push(line) });
    return { log, stored: async () => lines };
  },
});
