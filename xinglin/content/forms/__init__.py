from xinglin.content.forms.delegation import DelegationForm
from xinglin.content.forms.facts import FactsForm
from xinglin.content.forms.plans import ColumnForm, ExpertPlanForm, MetricsForm, PlacementForm, ThemeForm
from xinglin.content.forms.proofs import CaseForm, CasePatientForm, CertificateForm, CompareForm
from xinglin.content.forms.small import (
    CommentForm,
    ContributionForm,
    DecisionForm,
    FileForm,
    MediaForm,
    NoteForm,
    ReasonForm,
    ScanForm,
    ScheduleForm,
)
from xinglin.content.forms.text import ItemForm

__all__ = [
    "CaseForm",
    "CasePatientForm",
    "CertificateForm",
    "ColumnForm",
    "CommentForm",
    "CompareForm",
    "ContributionForm",
    "DecisionForm",
    "DelegationForm",
    "ExpertPlanForm",
    "FactsForm",
    "FileForm",
    "ItemForm",
    "MediaForm",
    "MetricsForm",
    "NoteForm",
    "PlacementForm",
    "ReasonForm",
    "ScanForm",
    "ScheduleForm",
    "ThemeForm",
]
