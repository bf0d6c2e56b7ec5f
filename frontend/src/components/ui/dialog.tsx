import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import "./dialog.css";

export function Dialog(props: { title: string; open: boolean; onClose: () => void; children: ReactNode }) {
  return (
    <Radix.Root open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-shade" />
        <Radix.Content className="dialog" aria-describedby={undefined}>
          <header>
            <Radix.Title asChild><h2>{props.title}</h2></Radix.Title>
            <Radix.Close asChild><IconButton label="Close" icon={<X className="icon" size={18} />} /></Radix.Close>
          </header>
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
