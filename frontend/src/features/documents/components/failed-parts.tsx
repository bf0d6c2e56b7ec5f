import { RotateCcw } from "lucide-react";
import { useRetryParts } from "@/client/parts";
import { readProblem } from "@/client/problem";
import { Button } from "@/components/ui/button";
import { toast } from "@/lib/toast";

/** The way to try again only what could not be read of a document that is readable otherwise. */
export function FailedParts({ id, what, count, busy }: { id: number; what: string; count: number; busy: boolean }) {
  const retry = useRetryParts();
  const some = count === 1 ? `this ${what}` : `these ${what}s`;
  const again = () => retry.mutate(id, { onSuccess: () => toast(`Reading ${some} again`), onError: (thrown) => toast(readProblem(thrown).message, { bad: true }) });
  return <Button className="failed-parts" icon={<RotateCcw className="icon" size={16} aria-hidden />} busy={retry.isPending || busy} onClick={again}>Try {some} again</Button>;
}
