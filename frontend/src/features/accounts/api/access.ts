import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/api";

export type Scope = "read" | "upload" | "admin";

export function useApiKeys() {
  return useQuery({
    queryKey: ["api-keys"],
    queryFn: async () => {
      const { data, error } = await api.GET("/api-keys");
      if (!data) throw error;
      return data.items;
    },
  });
}

export function useApiKeyActions() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["api-keys"] });
  const create = useMutation({
    mutationFn: async (body: { name: string; scopes: Scope[] }) => {
      const { data, error } = await api.POST("/api-keys", { body });
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const revoke = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/api-keys/{key_id}", { params: { path: { key_id: id } } });
      if (error) throw error;
    },
    onSettled,
  });
  return { create, revoke };
}

export function useInvitations() {
  return useQuery({
    queryKey: ["invitations"],
    queryFn: async () => {
      const { data, error } = await api.GET("/invitations");
      if (!data) throw error;
      return data.items;
    },
  });
}

export function useInvitationActions() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["invitations"] });
  const create = useMutation({
    mutationFn: async () => {
      const { data, error } = await api.POST("/invitations", {});
      if (!data) throw error;
      return data;
    },
    onSettled,
  });
  const revoke = useMutation({
    mutationFn: async (id: number) => {
      const { error } = await api.DELETE("/invitations/{invitation_id}", { params: { path: { invitation_id: id } } });
      if (error) throw error;
    },
    onSettled,
  });
  return { create, revoke };
}
