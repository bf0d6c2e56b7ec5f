// Upload file - returns job_id immediately
const uploadFile = async (file) => {
    const base64Content = await fileToBase64(file);

    const response = await fetch('/upload_file', {
        method: 'POST',
        headers: {
            'Content-Type': 'application/json',
            'Authorization': `Bearer ${token}`
        },
        body: JSON.stringify({
            filename: file.name,
            content: base64Content
        })
    });

    const { job_id } = await response.json();

    // Poll for status
    pollJobStatus(job_id);
};

const pollJobStatus = (jobId) => {
    const interval = setInterval(async () => {
        const response = await fetch(`/jobs/${jobId}/status`, {
            headers: { 'Authorization': `Bearer ${token}` }
        });

        const { state, meta, result } = await response.json();

        if (state === 'PROCESSING') {
            // Show progress: "AI analysis... 50%"
            showProgress(meta.message, meta.percent);
        }
        else if (state === 'SUCCESS') {
            clearInterval(interval);
            showToast(`Uploaded! Doc ${result.doc_id} → Cluster ${result.cluster_id}`);
            refreshDocuments();
        }
        else if (state === 'FAILURE') {
            clearInterval(interval);
            showToast(`Upload failed: ${meta.error}`, 'error');
        }
    }, 1000); // Poll every second
};
