import django.core.validators
import django.db.models.deletion
import reserve_portal.core.clock
import reserve_portal.core.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='День')),
                ('is_working', models.BooleanField(verbose_name='Рабочий')),
                ('note', models.CharField(blank=True, max_length=250, verbose_name='Пояснение')),
            ],
            options={
                'verbose_name': 'Особый день календаря',
                'verbose_name_plural': 'Производственный календарь: особые дни',
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='CalendarYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True, validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='Год')),
                ('source', models.CharField(blank=True, max_length=250, verbose_name='Основание')),
            ],
            options={
                'verbose_name': 'Год производственного календаря',
                'verbose_name_plural': 'Производственный календарь: годы',
                'ordering': ['-year'],
            },
        ),
        migrations.CreateModel(
            name='ClockOffset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seconds', models.FloatField(default=0, verbose_name='Сдвиг, секунд')),
            ],
            options={
                'verbose_name': 'Сдвиг часов',
                'verbose_name_plural': 'Сдвиг часов',
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30, unique=True, verbose_name='Кто')),
                ('at', models.DateTimeField(verbose_name='Когда')),
            ],
            options={
                'verbose_name': 'Отметка о работе',
                'verbose_name_plural': 'Отметки о работе',
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='Вид')),
                ('key', models.CharField(max_length=200, unique=True, verbose_name='Ключ')),
                ('title', models.CharField(max_length=200, verbose_name='Название')),
                ('params', models.JSONField(default=dict, verbose_name='Параметры')),
                ('state', models.CharField(choices=[('queued', 'в очереди'), ('running', 'выполняется'), ('done', 'готово'), ('failed', 'не удалось')], default='queued', max_length=12, verbose_name='Состояние')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='Сделано')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='Всего')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='Попыток')),
                ('lease_token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True, verbose_name='Ошибка')),
                ('result', models.JSONField(default=dict, verbose_name='Итог')),
                ('created_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Поставлена')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='Закончена')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто поставил')),
            ],
            options={
                'verbose_name': 'Задание',
                'verbose_name_plural': 'Задания',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'lease_until'], name='core_job_state_512303_idx')],
            },
        ),
        migrations.CreateModel(
            name='JobFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to=reserve_portal.core.models.job_file_path, verbose_name='Файл')),
                ('name', models.CharField(max_length=200, verbose_name='Имя')),
                ('size', models.PositiveBigIntegerField(verbose_name='Размер, байт')),
                ('expires_at', models.DateTimeField(db_index=True, verbose_name='Хранится до')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='core.job')),
            ],
            options={
                'verbose_name': 'Файл задания',
                'verbose_name_plural': 'Файлы заданий',
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(max_length=100, verbose_name='Список')),
                ('name', models.CharField(max_length=60, verbose_name='Название')),
                ('query', models.CharField(max_length=1000, verbose_name='Отбор')),
                ('is_shared', models.BooleanField(default=False, verbose_name='Виден всем сотрудникам')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL, verbose_name='Чей')),
            ],
            options={
                'verbose_name': 'Сохранённый отбор',
                'verbose_name_plural': 'Сохранённые отборы',
                'ordering': ['name', 'pk'],
                'indexes': [models.Index(fields=['model'], name='core_savedf_model_0ebcbf_idx')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'model', 'name'), name='filter_name_once', violation_error_message='Отбор с таким названием у вас уже есть.')],
            },
        ),
        migrations.CreateModel(
            name='TransitionLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('workflow', models.CharField(max_length=60, verbose_name='Процесс')),
                ('transition', models.CharField(max_length=60, verbose_name='Действие')),
                ('label', models.CharField(max_length=150, verbose_name='Название')),
                ('from_state', models.CharField(blank=True, max_length=40, verbose_name='Из')),
                ('to_state', models.CharField(max_length=40, verbose_name='В')),
                ('reason', models.TextField(blank=True, verbose_name='Почему')),
                ('at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Когда')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто')),
                ('content_type', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
            ],
            options={
                'verbose_name': 'Изменение состояния',
                'verbose_name_plural': 'Изменения состояний',
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['content_type', 'object_id', 'at'], name='core_transi_content_d39355_idx')],
            },
        ),
    ]
